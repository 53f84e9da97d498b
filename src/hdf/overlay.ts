import type { Status } from './model.ts'
import type { RawControl, RawProfile } from './schema.ts'
import { statusOf } from './status.ts'
import { type Layer, type Tree, treesOf } from './tree.ts'

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
 * Each control of a run once. A profile that wraps others shows their controls again, mostly without results of its own: the copy that is furthest in counts, and as
 * bad as the worst of those that wrap it. Profiles that do not wrap each other never hide each other's controls, nor does a profile that has an id twice. A control
 * goes by the name of the outermost profile, unless its id counts there more than once.
 *
 * A control without results was lost, and counts, when it was part of the run. The outermost profile tells: an auditor lists in it all controls that run, and in a
 * profile that is only depended on, for its resources or inputs, also those that do not.
 */
export const countedTrees = (profiles: readonly RawProfile[]): CountedTree[] => {
  const namesakes = namesakesOf(profiles)
  return treesOf(profiles).map((tree) => ({ outermost: tree.root.profile, counted: countedIn(tree, namesakes) }))
}

/** The controls of a layer by their ids. */
type Copies = ReadonlyMap<Layer, ReadonlyMap<string, readonly RawControl[]>>

const countedIn = (tree: Tree, namesakes: Namesakes): Counted[] => {
  const { root, layers } = tree
  if (layers.length === 1 && !namesakes.has(root.profile.name)) return root.profile.controls.map((control) => ({ profile: root.profile.name, control }))
  const copies: Copies = new Map(layers.map((layer) => [layer, Map.groupBy(layer.profile.controls, ({ id }) => id)]))
  const further = idsFurtherIn(layers)
  const ran = ranIn(tree)
  const shown = shownElsewhere(layers)
  const counts = (control: RawControl, layer: Layer): readonly RawControl[] => {
    const around = worstAround(control, layer, copies)
    if (answered(control)) return [around === undefined ? control : worse(control, [around])]
    const lost = !shown(layer, control) && ran(control, around !== undefined)
    return [...(lost ? [withResults(control, layer.profile, namesakes)] : []), ...(around === undefined ? [] : [around])]
  }
  const counted = layers.flatMap((layer) =>
    layer.profile.controls
      .filter(({ id }) => further.get(layer)?.has(id) !== true)
      .flatMap((control) => counts(control, layer))
      .map((control) => ({ own: layer.profile.name, control }))
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

const answered = (control: RawControl): boolean => (control.results ?? []).length > 0

/** The worst copy with results of the profiles around a control; undefined when there is none. */
const worstAround = ({ id }: RawControl, { wrappedBy }: Layer, copies: Copies): RawControl | undefined => {
  let worst: RawControl | undefined
  for (let layer = wrappedBy; layer !== undefined; layer = layer.wrappedBy) {
    const [first, ...others] = (copies.get(layer)?.get(id) ?? []).filter(answered)
    if (first !== undefined) worst = worse(worst ?? first, [first, ...others])
  }
  return worst
}

const WORST_LAST: readonly Status[] = ['no_impact', 'passed', 'skipped', 'failed', 'error']

const worse = (control: RawControl, copies: readonly RawControl[]): RawControl =>
  copies.reduce((worst, copy) => (WORST_LAST.indexOf(statusOf(copy)) > WORST_LAST.indexOf(statusOf(worst)) ? copy : worst), control)

/**
 * Whether a control without results was part of the run: the outermost profile lists an id once for each control of it that ran, and there are more of them than
 * have results. Where that list is missing, all ran that the profile has at all, but for those whose results are around them.
 */
const ranIn = ({ root, layers }: Tree): ((control: RawControl, around: boolean) => boolean) => {
  const own = new Set(root.profile.controls.map(({ id }) => id))
  const listed = countsOf((root.profile.groups ?? []).flatMap(({ controls }) => controls))
  const results = countsOf(layers.flatMap(({ profile }) => [...new Set(profile.controls.filter(answered).map(({ id }) => id))]))
  return ({ id }, around) => {
    const many = listed.get(id)
    return many === undefined ? own.has(id) && !around : many > (results.get(id) ?? 0)
  }
}

const countsOf = (ids: readonly string[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1)
  return counts
}

/**
 * Whether what a wrapper shows without results is another profile's, and counts there: it stands in the same line of the same file. An auditor lists a profile once
 * that several depend on, as what one of them wraps.
 */
const shownElsewhere = (layers: readonly Layer[]): ((layer: Layer, control: RawControl) => boolean) => {
  const lastAt = new Map<string, Layer>()
  const answeredAt = new Set<string>()
  const placed = layers.flatMap((layer) => layer.profile.controls.map((control) => ({ layer, control, place: placeOf(control) })))
  for (const { layer, control, place } of placed) {
    if (place === undefined) continue
    lastAt.set(place, layer)
    if (answered(control)) answeredAt.add(place)
  }
  return (layer, control) => {
    const place = placeOf(control)
    return place !== undefined && (layer.profile.depends ?? []).length > 0 && (answeredAt.has(place) || lastAt.get(place) !== layer)
  }
}

const placeOf = ({ id, source_location: place }: RawControl): string | undefined =>
  place?.ref && place.line ? JSON.stringify([id, place.ref, place.line]) : undefined

/** Of each name that several profiles have: by id the first that has the control. */
type Namesakes = ReadonlyMap<string, ReadonlyMap<string, { readonly profile: RawProfile; readonly control: RawControl }>>

const namesakesOf = (profiles: readonly RawProfile[]): Namesakes =>
  new Map(
    [...Map.groupBy(profiles, ({ name }) => name)].flatMap(([name, same]) =>
      same.length === 1
        ? []
        : [[name, new Map(same.toReversed().flatMap((profile) => profile.controls.map((control) => [control.id, { profile, control }] as const)))] as const]
    )
  )

/**
 * An auditor writes the results of all profiles of one name into the first of them that has the control. When that is the same profile, byte for byte, a later one has
 * its results from there; of another version nobody could tell whether they are its own.
 */
const withResults = (control: RawControl, { name, sha256 }: RawProfile, namesakes: Namesakes): RawControl => {
  const first = namesakes.get(name)?.get(control.id)
  return first !== undefined && sha256 && first.profile.sha256 === sha256 ? { ...control, results: first.control.results } : control
}
