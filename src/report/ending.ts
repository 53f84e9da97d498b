import { EXIT, EXITS, type ExitCode, exitCodeOf, type ScanError, showProblem, worstExit } from '../kernel/error.ts'
import type { Verdict, Violation } from '../verdict/model.ts'
import type { RunRecord } from './record.ts'

/** What a run came to: exit code, outputs, annotations, terminal and every report say this, and find out nothing of their own. */
export interface Ending {
  readonly kind: 'passed' | 'not-compliant' | 'unjudged' | 'not-scanned' | 'not-cleaned-up' | 'bad-input' | 'interrupted'
  /** As the output `result` has it. */
  readonly result: 'passed' | 'not-compliant' | 'unjudged' | 'scan-failed' | 'bad-input' | 'interrupted'
  /** Before `enforce: false` softens a 1. */
  readonly exitCode: ExitCode
  /** The kind in words that begin a line. */
  readonly word: string
  readonly sentence: string
  /** Why it did not pass, all of it, the worst first. Text from outside. */
  readonly reasons: readonly string[]
  /** What to do about the first of them; empty where nothing is to be done. Text from outside. */
  readonly remedy: string
}

/** What an ending rests on, beside the verdict. */
export type Run = Pick<RunRecord, 'targets' | 'strictCleanup' | 'leftovers'>

/** Results that are judged without the run that they are of. */
export const NO_RUN: Run = { targets: [], strictCleanup: false, leftovers: [] }

/** Of a run that has a verdict. */
export const endingOf = (verdict: Verdict, run: Run): Ending => {
  const failed = failuresOf(run)
  const codes = failed.map(({ code }) => exitCodeOf(code))
  const kind = kindOf(worstExit([EXIT_OF[verdict.result], ...codes, ...leftExit(run)]), codes)
  return {
    kind,
    ...FIXED[kind],
    sentence: sentenceOf(kind, verdict, run),
    reasons: [...incomplete(verdict, run), ...verdict.violations.map(violationLine)],
    remedy: failed.find(({ code, hint }) => hint !== undefined && kindOf(exitCodeOf(code), codes) === kind)?.hint ?? REMEDIES[kind]
  }
}

/** The same for programs: in run.json, and with --json. */
export const endingJson = ({ result, exitCode, word, sentence, reasons, remedy }: Ending) => ({
  result,
  exitCode,
  headline: `${word}. ${sentence}`,
  reasons,
  remedy
})

/** Of a run that ended before it had one. Leftovers by name. */
export const endingOfFailure = (failure: ScanError, { strictCleanup, leftovers }: Omit<Run, 'targets'>): Ending => {
  const left = leftExit({ strictCleanup, leftovers })
  const kind = kindOf(worstExit([failure.exitCode, ...left]), [failure.exitCode])
  const problems = failure.problems.map(showProblem)
  return {
    kind,
    ...FIXED[kind],
    sentence: failure.message,
    reasons: [...(problems.length === 0 ? [failure.message] : problems), ...(left.length > 0 ? leftovers.map(leftLine) : [])],
    remedy: failure.hint ?? (problems.length === 0 ? REMEDIES[kind] : '')
  }
}

/** Why the results do not tell all: a container without results, what counts as a failure because it was left over, what could not be judged. */
export const incomplete = ({ targets, unjudgedReasons }: Verdict, run: Run): string[] => {
  const failures = failuresOf(run).map(({ code, name, message }) => ({ exit: exitCodeOf(code), line: `${name}: ${message}` }))
  const left = run.strictCleanup ? run.leftovers.map((what) => ({ exit: EXIT.scanFailed, line: leftLine(what) })) : []
  const lines = [...failures, ...left].toSorted((one, other) => EXITS.indexOf(one.exit) - EXITS.indexOf(other.exit)).map(({ line }) => line)
  return [...lines, ...(failures.length > 0 && targets.length === 0 ? [] : unjudgedReasons)] // that there are no results is said already
}

const failuresOf = ({ targets }: Run) => targets.flatMap(({ name, failure }) => (failure === undefined ? [] : [{ name, ...failure }]))
const leftExit = ({ strictCleanup, leftovers }: Omit<Run, 'targets'>): ExitCode[] => (strictCleanup && leftovers.length > 0 ? [EXIT.scanFailed] : [])
const leftLine = (what: string): string => `left over: ${what}`

const EXIT_OF = { passed: EXIT.passed, 'not-compliant': EXIT.notCompliant, unjudged: EXIT.unjudged } as const

/** Exit code 4 has two kinds: a container that was not scanned is the worse. */
const kindOf = (exit: ExitCode, failures: readonly ExitCode[]): Ending['kind'] => {
  switch (exit) {
    case EXIT.passed:
      return 'passed'
    case EXIT.notCompliant:
      return 'not-compliant'
    case EXIT.badInput:
      return 'bad-input'
    case EXIT.unjudged:
      return 'unjudged'
    case EXIT.scanFailed:
      return failures.includes(EXIT.scanFailed) ? 'not-scanned' : 'not-cleaned-up'
    case EXIT.interrupted:
      return 'interrupted'
  }
}

const FIXED: Readonly<Record<Ending['kind'], Pick<Ending, 'result' | 'exitCode' | 'word'>>> = {
  passed: { result: 'passed', exitCode: EXIT.passed, word: 'Passed' },
  'not-compliant': { result: 'not-compliant', exitCode: EXIT.notCompliant, word: 'Not compliant' },
  'bad-input': { result: 'bad-input', exitCode: EXIT.badInput, word: 'Bad input' },
  unjudged: { result: 'unjudged', exitCode: EXIT.unjudged, word: 'Unjudged' },
  'not-scanned': { result: 'scan-failed', exitCode: EXIT.scanFailed, word: 'Could not scan' },
  'not-cleaned-up': { result: 'scan-failed', exitCode: EXIT.scanFailed, word: 'Not cleaned up' },
  interrupted: { result: 'interrupted', exitCode: EXIT.interrupted, word: 'Interrupted' }
}

/** The word of each kind. */
export const WORDS: Readonly<Record<string, string>> = Object.fromEntries(Object.entries(FIXED).map(([kind, { word }]) => [kind, word]))

const REMEDIES: Readonly<Record<Ending['kind'], string>> = {
  passed: '',
  'not-compliant': 'Fix what failed, or accept it for a time in a waivers-file.',
  'bad-input': 'Correct the input, and scan again.',
  unjudged: 'The reports list what could not be judged, each with the ways to go on.',
  'not-scanned': 'The log of this step says more; with --verbose also the causes.',
  'not-cleaned-up': 'Run kscan cleanup.',
  interrupted: 'Run it again: there are no results.'
}

const sentenceOf = (kind: Ending['kind'], { violations }: Verdict, run: Run): string => {
  const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`
  switch (kind) {
    case 'passed':
      return 'Every bound is met.'
    case 'not-compliant':
      return `${plural(violations.length, 'bound')} violated.`
    case 'unjudged':
      return 'What could not be judged does not count as passed.'
    case 'not-cleaned-up':
      return `${plural(run.leftovers.length, 'thing')} left over, and strict-cleanup is set.`
    case 'not-scanned':
    case 'bad-input':
    case 'interrupted':
      return `${failuresOf(run).length} of ${plural(run.targets.length, 'container')} could not be scanned.`
  }
}

/** How many controls of a violated bound are named. */
const NAMED = 8

const violationLine = ({ target, bound, expected, actual, controls }: Violation): string => {
  const names = controls.length === 0 ? '' : ` (${controls.slice(0, NAMED).join(', ')}${controls.length > NAMED ? ', …' : ''})`
  return `${target}: ${bound}: expected ${expected}, got ${actual}${names}`
}
