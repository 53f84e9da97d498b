import type { Ended } from '../process/run.ts'
import { printableLine } from '../kernel/name.ts'
import { withoutSecrets } from '../kernel/redact/redact.ts'
import { ScanError } from '../kernel/error.ts'

/** Exit codes with which the auditor says that it ran; the verdict comes from its JSON alone. 102: a profile did not load, which the JSON says too. */
const RAN = new Set([0, 100, 101, 102])

const MEANING: Readonly<Record<number, string>> = {
  1: 'it stopped with a usage error or an exception',
  2: 'one of its plugins could not be loaded',
  3: 'the profile uses something that was removed',
  4: 'a gem could not be loaded',
  5: 'the signature of a profile is not valid',
  172: 'it asks for a licence',
  173: 'it asks for a licence',
  174: 'it asks for a licence',
  201: 'a gem that a profile needs is missing'
}

/** Of these the profile is the reason, not the auditor. */
const OF_PROFILE = new Set([3, 5, 201])
/** What the auditor gives up on, so that no JSON tells of such a profile: source that Ruby cannot parse, an inspec.yml that is no YAML or whose template breaks. */
const UNPARSED = /^Unable to parse inspec\.yml: /

const isUnparsed = (line: string): boolean => {
  const at = line.search(/syntax errors?\b/)
  return UNPARSED.test(line) || (at >= 0 && line.includes('(SyntaxError)', at))
}

/** How an auditor ended. */
export type Ending = Pick<Ended, 'reason' | 'exitCode' | 'signal' | 'error'>

/**
 * Undefined when the auditor ran; else the error that says how it broke, with the last lines that it printed: PROFILE_FAILED where the profile is the reason,
 * AUDITOR_FAILED otherwise.
 */
export const auditorFailure = (ended: Ending, tail: string, logFile: string): ScanError | undefined => {
  if (ended.reason === 'exited' && ended.exitCode !== null && RAN.has(ended.exitCode)) return undefined
  const lines = withoutSecrets(tail, []) // before they are cut, and taken apart
    .split('\n')
    .map((line) => printableLine(line, 300))
    .filter((line) => line !== '' && !line.startsWith('from ')) // the stack below an exception
    .slice(-6)
  const profile = ended.reason === 'exited' && (OF_PROFILE.has(ended.exitCode ?? -1) || tail.split('\n').some(isUnparsed))
  const head = profile ? (syntaxFault(tail) ?? `A profile did not load: ${how(ended)}`) : `The auditor did not finish: ${how(ended)}`
  return new ScanError(profile ? 'PROFILE_FAILED' : 'AUDITOR_FAILED', [head, ...lines.map((line) => `  | ${line}`)].join('\n'), {
    hint: `The whole output of the auditor is in ${logFile}.`
  })
}

const SYNTAX_ERROR = /(?:^|[\s'`])(\/[^\s:]+|[\w./-]+\.rb):(\d+): syntax errors?(?: found)?,? ?([^\n]*)$/m
/** Where a profile has its source: the last of such folders, for it may itself be in one. */
const IN_PROFILE = /^(?:.*\/)?([^/]+)\/((?:controls|libraries|test)\/.+)$/

/** Place and fault of source that Ruby cannot parse, where it tells them. `way`: the profile, where the path does not say it. */
export const syntaxFault = (tail: string, way?: string): string | undefined => {
  const [, path = '', line, words = ''] = SYNTAX_ERROR.exec(withoutSecrets(tail, [])) ?? []
  if (path === '') return undefined
  const [, profile = way, file = path] = IN_PROFILE.exec(path) ?? []
  const fault = words.replace(/\s*\(SyntaxError\)\s*$/, '').trim()
  const whose = profile === undefined ? 'A profile' : `The profile ${profile}`
  return printableLine(`${whose} did not load: syntax error in ${file}:${line}${fault === '' ? '' : `: ${fault}`}`, 300)
}

const how = (ended: Ending): string => {
  if (ended.reason === 'not-started') return `it could not be started (${ended.error?.message ?? 'no reason given'})`
  if (ended.reason === 'killed') return `it was ended by ${ended.signal ?? 'a signal'}`
  if (ended.reason === 'timed-out') return 'it did not end in time'
  if (ended.reason === 'aborted') return 'it was stopped'
  return `${MEANING[ended.exitCode ?? -1] ?? 'it broke'} (exit ${ended.exitCode})`
}
