import type { RawProfile } from './schema.ts'

/** A profile in its tree. */
export interface Layer {
  readonly profile: RawProfile
  readonly wrappedBy: Layer | undefined
  readonly depth: number
}

/** A profile that no other wraps, and all that it depends on. */
export interface Tree {
  readonly root: Layer
  /** Outermost first, so that a profile comes after those that wrap it. */
  readonly layers: readonly Layer[]
}

/** More than anybody writes. */
const DEEPEST = 100

/** Why profiles cannot be counted; undefined when they can. Those whose parents form a circle belong to no tree: their controls would count nowhere. */
export const treeProblem = (profiles: readonly RawProfile[]): string | undefined => {
  const layers = treesOf(profiles).flatMap((tree) => tree.layers)
  const placed = new Set(layers.map(({ profile }) => profile))
  const circle = profiles.filter((profile) => !placed.has(profile)).map(({ name }) => name)
  if (circle.length > 0) return `the profiles ${circle.join(', ')} name each other as the parent`
  return layers.some(({ depth }) => depth > DEEPEST) ? `more than ${DEEPEST} profiles wrap each other` : undefined
}

/** A profile is in one tree only. */
export const treesOf = (profiles: readonly RawProfile[]): Tree[] => {
  const parents = parentsOf(profiles)
  const inner = Map.groupBy(profiles, (profile) => parents.get(profile))
  return (inner.get(undefined) ?? []).map((profile) => {
    const root: Layer = { profile, wrappedBy: undefined, depth: 1 }
    const layers = [root]
    for (const layer of layers) for (const next of inner.get(layer.profile) ?? []) layers.push({ profile: next, wrappedBy: layer, depth: layer.depth + 1 })
    return { root, layers }
  })
}

/**
 * What wraps each profile; undefined for the outermost. `parent_profile` is the parent's name, or what the profile around it calls the parent (`depends: name:`), which
 * may be the name of another, too. So of the profiles of that name only those count that depend on any; where there is none, it is the last profile before it that
 * does, because an auditor lists each profile before those that it depends on.
 */
const parentsOf = (profiles: readonly RawProfile[]): ReadonlyMap<RawProfile, RawProfile | undefined> => {
  const wrappers = new Map(profiles.toReversed().flatMap((profile) => (depends(profile) ? [[profile.name, profile] as const] : [])))
  const named = new Map(profiles.toReversed().map((profile) => [profile.name, profile]))
  const before = new Map<string, RawProfile>()
  let last: RawProfile | undefined
  const parents = new Map<RawProfile, RawProfile | undefined>()
  for (const profile of profiles) {
    const parent = profile.parent_profile ?? undefined
    const other = (found: RawProfile | undefined): RawProfile | undefined => (found === profile ? undefined : found)
    parents.set(profile, parent === undefined ? undefined : (before.get(parent) ?? other(wrappers.get(parent)) ?? last ?? named.get(parent)))
    if (!depends(profile)) continue
    before.set(profile.name, profile)
    last = profile
  }
  return parents
}

/** A dependency that did not load is in no file, and so wraps none. */
const depends = (profile: RawProfile): boolean => (profile.depends ?? []).some(({ status }) => (status ?? 'loaded') === 'loaded')
