import type { RawControl, RawProfile } from './schema.ts'

/** A control that counts, with the profile under whose name it is reported. */
export interface Counted {
  readonly profile: string
  readonly control: RawControl
}

/**
 * Each control of a run once. A profile that wraps others (they name it as parent_profile) shows their controls again, without results of its own: of such a tree
 * the copy that has results counts, under the outermost profile's name. Profiles that are not related never hide each other's controls.
 */
export const countedControls = (profiles: readonly RawProfile[]): Counted[] => roots(profiles).flatMap((root) => ofTree(root, profiles))

const roots = (profiles: readonly RawProfile[]): RawProfile[] => profiles.filter(({ parent_profile }) => !profiles.some(({ name }) => name === parent_profile))

const ofTree = (root: RawProfile, profiles: readonly RawProfile[]): Counted[] => {
  const tree = treeOf(root, profiles)
  const byId = new Map<string, RawControl>()
  for (const control of tree.flatMap(({ controls }) => controls)) {
    const known = byId.get(control.id)
    if (known === undefined || hasResults(control)) byId.set(control.id, control)
  }
  return [...byId.values()].map((control) => ({ profile: root.name, control }))
}

/** Outermost first, so that the base comes last and wins; a circle of parents ends where it closes. */
const treeOf = (root: RawProfile, profiles: readonly RawProfile[]): RawProfile[] => {
  const tree = [root]
  for (const member of tree) tree.push(...profiles.filter((profile) => profile.parent_profile === member.name && !tree.includes(profile)))
  return tree
}

const hasResults = (control: RawControl): boolean => (control.results ?? []).length > 0
