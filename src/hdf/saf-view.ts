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
  if (copies.includes(undefined)) return undefined
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
  const anywhere = firstAnywhere(profiles)
  return new Map(
    profiles.flatMap((profile) => {
      const further = inner.get(profile) ?? []
      const alone = further.length === 0 && parentOf(profile) === undefined
      const within = ({ id }: RawControl): RawControl | undefined => further.map((each) => own.get(each)?.get(id)).find((control) => control !== undefined)
      return profile.controls.flatMap((control): [RawControl, RawControl][] => {
        const of = alone ? anywhere(control) : within(control)
        return of === undefined || (alone && of === control) ? [] : [[control, of]]
      })
    })
  )
}

/** Of all controls of an id the first that has results, else the first. */
const firstAnywhere = (profiles: readonly RawProfile[]): ((control: RawControl) => RawControl | undefined) => {
  const controls = profiles.flatMap((profile) => profile.controls)
  const populated = firstsOf(
    controls.filter(({ results }) => (results ?? []).length > 0),
    ({ id }) => id
  )
  const first = firstsOf(controls, ({ id }) => id)
  return ({ id }) => populated.get(id) ?? first.get(id)
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
