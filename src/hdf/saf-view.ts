import type { SafControl } from './model.ts'
import type { RawControl, RawProfile } from './schema.ts'
import { severityOf } from './severity.ts'
import { safStatusOf } from './status.ts'

/**
 * The controls that plain SAF counts, as inspecjs finds their results: of the first profile in the file alone, each as the copy that it extends, and without those
 * that a control elsewhere extends. Undefined where a control extends itself: SAF comes to no end, says so, and passes.
 */
export const safView = (profiles: readonly RawProfile[]): SafControl[] | undefined => {
  const extended = extensionsOf(profiles)
  const targets = new Set(extended.values())
  const copies = (profiles[0]?.controls ?? []).filter((control) => !targets.has(control)).map((control) => lastOf(control, extended))
  if (copies.includes(undefined) || [...extended].some(([from, to]) => from === to)) return undefined
  return copies.flatMap((control) =>
    control === undefined ? [] : [{ id: control.id, severity: severityOf(control.impact, control.tags ?? {}), status: safStatusOf(control) }]
  )
}

type Extended = ReadonlyMap<RawControl, RawControl>

/** By the names of the profiles: a parent is the first of its name, and a control extends that of the first profile that has it. */
const extensionsOf = (profiles: readonly RawProfile[]): Extended => {
  if (profiles.length < 2) return new Map()
  const named = firstsOf(profiles, ({ name }) => name)
  const parentOf = ({ parent_profile: parent }: RawProfile): RawProfile | undefined => named.get(parent ?? '')
  const inner = Map.groupBy(profiles, parentOf)
  const own = new Map(profiles.map((profile) => [profile, firstsOf(profile.controls, ({ id }) => id)]))
  const alike = alikeIn(profiles)
  const extensionOf = (profile: RawProfile, control: RawControl): RawControl | undefined => {
    const further = inner.get(profile)
    if (further === undefined && parentOf(profile) === undefined) return alike(control)
    const holder = further?.find((each) => own.get(each)?.has(control.id) === true)
    return holder === undefined ? undefined : own.get(holder)?.get(control.id)
  }
  const all = profiles.flatMap((profile) => profile.controls.map((control) => [control, extensionOf(profile, control)] as const))
  return new Map(all.flatMap(([control, extended]) => (extended === undefined ? [] : [[control, extended] as const])))
}

/** What a control of a profile alone extends: the first of its id that has results, else the first; undefined where that is itself. */
const alikeIn = (profiles: readonly RawProfile[]): ((control: RawControl) => RawControl | undefined) => {
  const controls = profiles.flatMap((profile) => profile.controls)
  const first = firstsOf(controls, ({ id }) => id)
  const answered = firstsOf(
    controls.filter(({ results }) => (results ?? []).length > 0),
    ({ id }) => id
  )
  return (control) => {
    const found = answered.get(control.id) ?? first.get(control.id)
    return found === control ? undefined : found
  }
}

const firstsOf = <T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, T> => new Map(items.toReversed().map((item) => [keyOf(item), item]))

/** The end of the chain; undefined where it has none. */
const lastOf = (control: RawControl, extended: Extended): RawControl | undefined => {
  const seen = new Set<RawControl>()
  for (let next: RawControl | undefined = control; next !== undefined; next = extended.get(next)) {
    if (seen.has(next)) return undefined
    seen.add(next)
  }
  return [...seen].at(-1)
}
