import { z } from 'zod'
import { isOfParser, parserWords } from './parser-words.ts'
import { withoutUserinfo } from './redact/userinfo.ts'

/** One thing that is wrong with what the user gave: said so that they can mend it without a second run. */
export interface Problem {
  readonly name: string
  readonly expected: string
  readonly got: string
  readonly hint?: string
}

/** In one line, for people. */
export const showProblem = ({ name, expected, got, hint }: Problem): string =>
  `${name}: expected ${expected}; got ${got}${hint === undefined ? '' : `. ${hint}`}`

/** Why a run could not give a verdict. Every code has one exit code in `EXIT_OF`. */
export type ErrorCode =
  | 'BAD_INPUT'
  | 'CLUSTER_UNREACHABLE'
  | 'CLUSTER_FAILED'
  | 'ACCESS_DENIED'
  | 'API_FAILED'
  | 'TARGET_UNUSABLE'
  | 'TARGET_FULL'
  | 'TARGET_CHANGED'
  | 'SESSION_FAILED'
  | 'POLICY_REFUSED'
  | 'HELPER_REFUSED'
  | 'HELPER_FAILED'
  | 'AUDITOR_MISSING'
  | 'AUDITOR_FAILED'
  | 'ISOLATION_FAILED'
  | 'PROFILE_FAILED'
  | 'RESULTS_UNREADABLE'
  | 'REPORT_FAILED'
  | 'JOURNAL_FAILED'
  | 'TIMED_OUT'
  | 'INTERRUPTED'

/** Exit codes of the program (DESIGN §4). */
export const EXIT = { passed: 0, notCompliant: 1, badInput: 2, unjudged: 3, scanFailed: 4, interrupted: 130 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

const EXIT_OF: Record<ErrorCode, ExitCode> = {
  BAD_INPUT: EXIT.badInput,
  CLUSTER_UNREACHABLE: EXIT.scanFailed,
  CLUSTER_FAILED: EXIT.scanFailed,
  ACCESS_DENIED: EXIT.scanFailed,
  API_FAILED: EXIT.scanFailed,
  TARGET_UNUSABLE: EXIT.scanFailed,
  TARGET_FULL: EXIT.scanFailed,
  TARGET_CHANGED: EXIT.scanFailed,
  SESSION_FAILED: EXIT.scanFailed,
  POLICY_REFUSED: EXIT.scanFailed,
  HELPER_REFUSED: EXIT.scanFailed,
  HELPER_FAILED: EXIT.scanFailed,
  AUDITOR_MISSING: EXIT.scanFailed,
  AUDITOR_FAILED: EXIT.scanFailed,
  ISOLATION_FAILED: EXIT.scanFailed,
  PROFILE_FAILED: EXIT.unjudged,
  RESULTS_UNREADABLE: EXIT.unjudged,
  REPORT_FAILED: EXIT.scanFailed,
  JOURNAL_FAILED: EXIT.scanFailed,
  TIMED_OUT: EXIT.scanFailed,
  INTERRUPTED: EXIT.interrupted
}

/** The exit code of what failed with this code; of one that is not known, as of a later version, that it could not be scanned. */
export const exitCodeOf = (code: string): ExitCode => new Map<string, ExitCode>(Object.entries(EXIT_OF)).get(code) ?? EXIT.scanFailed

export interface ErrorDetail {
  /** What the user can do about it; one sentence. */
  readonly hint?: string
  readonly cause?: unknown
  /** For BAD_INPUT: every problem at once. */
  readonly problems?: readonly Problem[]
}

/** The one error that reaches the user. The message says what failed, the hint what to do. */
export class ScanError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly problems: readonly Problem[]

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.name = 'ScanError'
    this.code = code
    this.hint = detail.hint
    this.problems = detail.problems ?? []
  }

  get exitCode(): ExitCode {
    return EXIT_OF[this.code]
  }
}

/** BAD_INPUT with its list; `problems` must not be empty. */
export const badInput = (problems: readonly Problem[]): ScanError =>
  new ScanError('BAD_INPUT', problems.length === 1 ? 'An input is not usable' : `${problems.length} inputs are not usable`, { problems })

/** The system's refusals of a file, by their codes, as people say them. */
const REFUSALS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is not a folder',
  EEXIST: 'something else is there',
  EACCES: 'this user may not do that',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full'
}

/** The text of anything thrown, for a message; never a stack, and nothing of what a parser read. */
export const messageOf = (thrown: unknown): string => {
  if (thrown instanceof z.ZodError) return `what came is not as expected: ${thrown.issues.map(showIssue).join('; ')}`
  if (isOfParser(thrown)) return parserWords(thrown)
  if (typeof thrown !== 'object' || thrown === null || !('message' in thrown) || typeof thrown.message !== 'string') return withoutUserinfo(String(thrown))
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''
  const words = /^[A-Z]+: .*, (?:open|read|mkdir|mkdtemp|l?stat|scandir|access|unlink|rename)\b/.test(thrown.message) ? REFUSALS[code] : undefined
  return words === undefined ? withoutUserinfo(thrown.message) : `${words} (${code})`
}

const showIssue = ({ path, message }: z.core.$ZodIssue): string => `${path.join('.')}: ${message}`

/** The worst first. */
export const EXITS: readonly ExitCode[] = [EXIT.interrupted, EXIT.badInput, EXIT.scanFailed, EXIT.unjudged, EXIT.notCompliant, EXIT.passed]

/** Which of several exit codes wins. */
export const worstExit = (codes: readonly ExitCode[]): ExitCode => EXITS.find((code) => codes.includes(code)) ?? EXIT.passed
