import type { Status } from './model.ts'
import type { RawControl, RawProfile } from './schema.ts'
import { statusOf } from './status.ts'

/** A control that counts, with the profile under whose name it is reported. */
export interface Counted {
  readonly profile: string
  readonly control: RawControl
}

/** What counts of a profile that no other wraps, and of all that it wraps. */
export interface CountedTree {
  readonly outermost: RawProfile
  readonly counted: readonly Counted[]
}

/**
 * Each control of a run once. A profile that wraps others (they name it as parent_profile) shows their controls again, mostly without results of its own: the copy
 * that is furthest in counts, and as bad as the worst of those that wrap it. Profiles that do not wrap each other never hide each other's controls, nor does a profile
 * that has an id twice. A control goes by the name of the outermost profile, unless its id counts there more than once.
 */
export const countedTrees = (profiles: readonly RawProfile[]): CountedTree[] =>
  treesOf(profiles).map((tree) => ({ outermost: tree.root.profile, counted: countedIn(tree) }))

/** The profiles that no other of the run wraps. */
const outermostOf = (profiles: readonly RawProfile[]): ReadonlySet<RawProfile> => {
  const names = new Set<string | null | undefined>(profiles.map(({ name }) => name))
  return new Set(profiles.filter(({ parent_profile: parent }) => !names.has(parent)))
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

/** A profile in its tree. */
interface Layer {
  readonly profile: RawProfile
  readonly wrappedBy: Layer | undefined
  readonly depth: number
}

interface Tree {
  readonly root: Layer
  /** Outermost first, so that a profile comes after those that wrap it. */
  readonly layers: readonly Layer[]
}

/** A profile is in one tree only. */
const treesOf = (profiles: readonly RawProfile[]): Tree[] => {
  const inner = Map.groupBy(profiles, ({ parent_profile: parent }) => parent)
  return [...outermostOf(profiles)].map((profile) => {
    const root: Layer = { profile, wrappedBy: undefined, depth: 1 }
    const layers = [root]
    for (const layer of layers) {
      for (const next of inner.get(layer.profile.name) ?? []) layers.push({ profile: next, wrappedBy: layer, depth: layer.depth + 1 })
      inner.delete(layer.profile.name)
    }
    return { root, layers }
  })
}

/** The controls of a layer by their ids. */
type Copies = ReadonlyMap<Layer, ReadonlyMap<string, readonly RawControl[]>>

const countedIn = ({ root, layers }: Tree): Counted[] => {
  if (layers.length === 1) return root.profile.controls.map((control) => ({ profile: root.profile.name, control }))
  const copies: Copies = new Map(layers.map((layer) => [layer, Map.groupBy(layer.profile.controls, ({ id }) => id)]))
  const further = idsFurtherIn(layers)
  const counted = layers.flatMap((layer) =>
    layer.profile.controls
      .filter(({ id }) => further.get(layer)?.has(id) !== true)
      .map((control) => ({ own: layer.profile.name, control: worstAround(control, layer, copies) }))
  )
  const byId = Map.groupBy(counted, ({ control }) => control.id)
  return counted.map(({ own, control }) => ({ profile: byId.get(control.id)?.length === 1 ? root.profile.name : own, control }))
}

/** For each layer the ids that a profile which it wraps has, too. */
const idsFurtherIn = (layers: readonly Layer[]): ReadonlyMap<Layer | undefined, ReadonlySet<string>> => {
  const further = new Map<Layer | undefined, Set<string>>()
  for (const layer of layers.toReversed()) {
    const around = further.get(layer.wrappedBy) ?? new Set()
    for (const { id } of layer.profile.controls) around.add(id)
    for (const id of further.get(layer) ?? []) around.add(id)
    further.set(layer.wrappedBy, around)
  }
  return further
}

/** A control, or the copy of a profile around it that is worse. */
const worstAround = (control: RawControl, { wrappedBy }: Layer, copies: Copies): RawControl => {
  let worst = control
  for (let layer = wrappedBy; layer !== undefined; layer = layer.wrappedBy) worst = worse(worst, copies.get(layer)?.get(control.id) ?? [])
  return worst
}

const worse = (control: RawControl, copies: readonly RawControl[]): RawControl =>
  copies.reduce((worst, copy) => (weight(copy) > weight(worst) ? copy : worst), control)

const WORST_LAST: readonly Status[] = ['no_impact', 'passed', 'skipped', 'failed', 'error']

/** 0 without results, else the more the worse. */
const weight = (control: RawControl): number => ((control.results ?? []).length === 0 ? 0 : 1 + WORST_LAST.indexOf(statusOf(control)))
