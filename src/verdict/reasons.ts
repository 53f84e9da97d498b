import type { ProfileResult } from '../hdf/model.ts'
import type { Weighed, WeighedTarget } from './count.ts'

/** What may be empty without making a run unjudged, where the user says so. */
export type UnjudgedOk = 'empty-profile' | 'skipped-profile'

/** Sentences about one target. */
export interface Reasons {
  /** Why its results as a whole cannot be judged. */
  readonly reasons: readonly string[]
  /** What would have been such a reason, and was accepted. */
  readonly accepted: readonly string[]
}

interface Lack {
  readonly sentence: string
  /** By what it may be accepted; undefined: by nothing. */
  readonly ok: UnjudgedOk | undefined
}

/** Why one target's results as a whole cannot be judged; what `ok` names is accepted, and said. */
export const reasonsOf = (
  { judged: { target, results, reasons: known = [], accepted: before = [] }, weighed }: WeighedTarget,
  ok: readonly UnjudgedOk[]
): Reasons => {
  if (results.profiles.length === 0) return { reasons: [`${target}: no profile was run`], accepted: [] }
  const named = (sentence: string): string => `${target}: ${sentence}`
  const lacks = results.profiles.flatMap(lackOf)
  const accepts = (lack: Lack): boolean => lack.ok !== undefined && ok.includes(lack.ok)
  const open = lacks.filter((lack) => !accepts(lack)).map(({ sentence }) => sentence)
  const accepted = lacks.filter(accepts).map(({ sentence, ok: word }) => named(`${sentence} (unjudged-ok accepts it: ${word})`))
  const nothing = open.length > 0 || (accepted.length > 0 && results.controls.length === 0) ? [] : nothingJudged(weighed)
  return { reasons: [...known, ...open, ...nothing].map(named), accepted: [...before.map(named), ...accepted] }
}

const lackOf = ({ name, status, statusMessage, outermost, controls }: ProfileResult): Lack[] => {
  if (status === 'loaded') return outermost && controls === 0 ? [{ sentence: `the profile ${name} has no controls to run`, ok: 'empty-profile' }] : []
  const why = statusMessage === '' ? '' : `: ${statusMessage}`
  return status === 'skipped'
    ? [{ sentence: `the profile ${name} was skipped${why}`, ok: 'skipped-profile' }]
    : [{ sentence: `the profile ${name} did not load${why}`, ok: undefined }]
}

/** An error says nothing of the container, nor does what rests on missing evidence, which counts as one. */
const nothingJudged = (weighed: readonly Weighed[]): string[] => {
  if (weighed.length === 0) return ['the profiles have no controls to run']
  return weighed.some(({ status }) => status === 'passed' || status === 'failed') ? [] : ['no control was judged: none passed or failed']
}
