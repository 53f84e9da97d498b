import type { Unjudged, Verdict } from '../verdict/model.ts'
import { compare } from './findings.ts'

/** Controls that are unjudged for one cause. Texts from outside. */
export interface CauseGroup {
  readonly cause: string
  readonly reason: string
  /** Each once. */
  readonly controls: readonly UnjudgedControl[]
}

interface UnjudgedControl {
  readonly target: string
  readonly control: string
  readonly commands: readonly string[]
}

/** Unjudged controls by cause, that of most controls first. One that is unjudged for several is in each of them. */
export const causesOf = ({ targets }: Pick<Verdict, 'targets'>): CauseGroup[] => {
  const all = targets.flatMap(({ target, unjudged }) => unjudged.map((entry) => ({ target, entry })))
  const groups = Map.groupBy(all, ({ entry: { cause, reason } }) => JSON.stringify([cause, reason]))
  return [...groups.values()]
    .flatMap((group): CauseGroup[] => {
      const [first] = group
      const byControl = Map.groupBy(group, ({ target, entry: { control } }) => JSON.stringify([target, control]))
      const controls = [...byControl.values()].flatMap((entries) =>
        entries.slice(0, 1).map(({ target, entry: { control } }) => ({ target, control, commands: unique(entries.map(({ entry }) => entry.command)) }))
      )
      return first === undefined ? [] : [{ cause: first.entry.cause, reason: first.entry.reason, controls }]
    })
    .toSorted((a, b) => b.controls.length - a.controls.length || compare(a.cause, b.cause) || compare(a.reason, b.reason))
}

export const controlsIn = (many: number): string => `${many} ${many === 1 ? 'control' : 'controls'}`

/** All that keeps controls from being judged, in one text each: reasons, and the commands that showed them. */
export const lacksByControl = (unjudged: readonly Unjudged[]): ReadonlyMap<string, { readonly why: string; readonly command: string }> =>
  new Map(
    [...Map.groupBy(unjudged, ({ control }) => control)].map(([control, entries]) => [
      control,
      { why: unique(entries.map(({ reason }) => reason)).join('; '), command: unique(entries.map(({ command }) => command)).join('; ') }
    ])
  )

const unique = (texts: readonly string[]): string[] => [...new Set(texts)]

/** What else can be done about unjudged controls, for each report to say. */
export const WAYS_ON =
  'an image that has what is missing; a waiver that names the control (with justification, run: true and an expiration_date to come); the cause in unjudged-ok-file, with a reason and an end; or max-unjudged and a higher error bound'

/** Waivers that do not do what somebody may have meant by them, one sentence each. */
export const idleWaivers = ({ targets }: Pick<Verdict, 'targets'>): string[] =>
  targets.flatMap(({ target, waivers }) =>
    waivers
      .filter(({ idle }) => idle)
      .map(
        ({ control }) =>
          `the waiver of ${control} (${target}) changes nothing: with run: true, or without run, the control is run and its failure counts. Write run: false, and it is left out`
      )
  )
