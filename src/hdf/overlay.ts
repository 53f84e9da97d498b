import type { Status } from './model.ts'
import type { RawControl, RawProfile } from './schema.ts'
import { statusOf } from './status.ts'

/** A control that counts, with the profile under whose name it is reported. */
export interface Counted {
  readonly profile: string
  readonly control: RawControl
}

/**
 * Each control of a run once. A profile that wraps others (they name it as parent_profile) shows their controls again, without results of its own: of such a tree
 * the copy that has results counts, under the outermost profile's name; of several such copies the worst. Profiles that are not related never hide each other's
 * controls.
 */
export const countedControls = (profiles: readonly RawProfile[]): Counted[] => treesOf(profiles).flatMap(ofTree)

/** How many controls count under each outermost profile. Two profiles may have one name. */
export const countUnder = (profiles: readonly RawProfile[]): ReadonlyMap<RawProfile | undefined, number> =>
  new Map(treesOf(profiles).map((tree) => [tree[0], ofTree(tree).length]))

/** The profiles that no other of the run wraps. */
export const outermostOf = (profiles: readonly RawProfile[]): ReadonlySet<RawProfile> => {
  const names = new Set<string | null | undefined>(profiles.map(({ name }) => name))
  return new Set(profiles.filter(({ parent_profile: parent }) => !names.has(parent)))
}

/** Names of profiles that belong to no tree, because their parents form a circle: their controls would count nowhere. */
export const inCircles = (profiles: readonly RawProfile[]): string[] => {
  const placed = new Set(treesOf(profiles).flat())
  return profiles.filter((profile) => !placed.has(profile)).map(({ name }) => name)
}

/** Each tree outermost first, so that the base comes last; a profile is in one tree only. */
const treesOf = (profiles: readonly RawProfile[]): RawProfile[][] => {
  const wrappedBy = Map.groupBy(profiles, ({ parent_profile: parent }) => parent)
  return [...outermostOf(profiles)].map((root) => {
    const tree = [root]
    for (const { name } of tree) {
      for (const profile of wrappedBy.get(name) ?? []) tree.push(profile)
      wrappedBy.delete(name)
    }
    return tree
  })
}

const ofTree = (tree: readonly RawProfile[]): Counted[] => {
  const byId = new Map<string, RawControl>()
  for (const control of tree.flatMap(({ controls }) => controls)) {
    const known = byId.get(control.id)
    if (known === undefined || weight(control) >= weight(known)) byId.set(control.id, control)
  }
  return [...byId.values()].map((control) => ({ profile: tree[0]?.name ?? '', control }))
}

const WORST_LAST: readonly Status[] = ['no_impact', 'passed', 'skipped', 'failed', 'error']

/** 0 without results, else the more the worse. */
const weight = (control: RawControl): number => ((control.results ?? []).length === 0 ? 0 : 1 + WORST_LAST.indexOf(statusOf(control)))
