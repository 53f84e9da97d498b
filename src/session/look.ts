import { ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { type Needs, needsOf, type Path } from '../shell/needs.ts'
import type { CommandOutcome } from './command.ts'
import type { Dialect } from './dialect.ts'
import type { Evidence } from './evidence.ts'
import { quoted } from './frame.ts'

/**
 * Asks the target, once for a whole audit, for all programs and paths that its commands needed, and notes what their answers rest on. Rejects with
 * SESSION_FAILED when the target does not say.
 */
export const lookAgain = async (evidence: Evidence, inspect: (code: Uint8Array) => Promise<CommandOutcome>, doubt?: Dialect['doubt']): Promise<void> => {
  const commands = evidence.commands().map(({ number, text, unseen }) => ({ number, text, unseen, needs: needsOf(text) }))
  const question = questionOf(commands.map(({ needs }) => needs))
  let said = ''
  for (const code of questionCode(question)) {
    const outcome = await inspect(code)
    if (outcome.kind !== 'done' || outcome.status !== 0) throw unanswered(outcome.kind === 'done' ? `exit ${outcome.status}` : outcome.message)
    said += outcome.stdout.toString('utf8')
  }
  const missing = readMissing(said, question)
  for (const { number, text, needs, unseen } of commands) {
    const lack = lackIn(needs, missing, unseen) ?? doubt?.(text, needs)
    if (lack !== undefined) evidence.lacking(number, lack)
  }
}

const unanswered = (why: string): ScanError =>
  new ScanError('SESSION_FAILED', `Whether the programs and files that the commands needed are there could not be asked: ${why}`)

/** Everything that commands need, each once. */
export interface Question {
  readonly programs: readonly string[]
  readonly paths: readonly Path[]
}

/** What of it is not there, or not to be read by this user. */
export interface Missing {
  readonly programs: ReadonlySet<string>
  readonly paths: ReadonlySet<string>
}

/** What is to be asked of a target on which these commands ran. */
export const questionOf = (needs: readonly Needs[]): Question => {
  const programs = new Set(needs.flatMap((each) => [...each.programs, ...each.alternatives.flat()]))
  const paths = new Map(needs.flatMap(({ reads }) => reads.map((path) => [path.text, path])))
  return { programs: [...programs].toSorted(), paths: [...paths.values()] }
}

/**
 * Shell code for a session's `inspect`, by builtins alone. A lent shell answers `command -v` for the target; its own tools are in the last folder of PATH,
 * and stand in for programs that are named in the usual folders and are not there.
 * A path that is not there is seen where its folder can be searched; of a pattern the folder must be readable, too.
 */
const FUNCTIONS =
  'kscan_lent() { case ${PATH##*:}:${1%/*} in */kscan/bin:/bin | */kscan/bin:/sbin | */kscan/bin:/usr/bin | */kscan/bin:/usr/sbin) ' +
  '[ ! -e "$1" ] && [ -x "${PATH##*:}/${1##*/}" ];; *) return 1;; esac; }; ' +
  'kscan_has() { case $1 in */*) [ -x "$1" ] || kscan_lent "$1";; *) command -v "$1" || [ -x "${PATH##*:}/$1" ];; esac >/dev/null 2>&1; }; ' +
  'kscan_sees() { kscan_p=$1; if [ -d "$kscan_p" ]; then [ -r "$kscan_p" ] && [ -x "$kscan_p" ]; return; fi; if [ -e "$kscan_p" ]; then [ -r "$kscan_p" ]; return; fi; ' +
  'while case $kscan_p in */*) :;; *) false;; esac; do kscan_p=${kscan_p%/*}; if [ -d "${kscan_p:-/}" ]; then [ -x "${kscan_p:-/}" ]; return; fi; done; }; '

/** Bytes of one question: far below what a command line may have. */
const QUESTION_BYTES = 32_768

/** The question in as many pieces as it takes; each prints a line for every thing that is missing. */
export const questionCode = ({ programs, paths }: Question): Buffer[] => {
  const asked = [...programs.map((program, index) => has(program, index)), ...paths.map((path, index) => sees(path, index))]
  const pieces: string[] = []
  for (const text of asked) {
    const last = pieces.length - 1
    if (last < 0 || (pieces[last]?.length ?? 0) + text.length > QUESTION_BYTES) pieces.push(text)
    else pieces[last] += text
  }
  return pieces.map((piece) => Buffer.from(`${FUNCTIONS}${piece}:`))
}

const word = (text: string): string => quoted(Buffer.from(text)).toString()

const has = (program: string, index: number): string => `kscan_has ${word(program)} || echo p${index}; `

const sees = ({ text, glob }: Path, index: number): string => {
  if (!glob) return `kscan_sees ${word(text)} || echo r${index}; `
  const folder = text.slice(0, text.slice(0, text.search(/[*?[]/)).lastIndexOf('/')) || '/'
  return `for kscan_g in ${word(folder)} ${pattern(text)}; do kscan_sees "$kscan_g" || echo r${index}; done; `
}

/** A shell pattern: what is not one of its signs is quoted. */
const pattern = (text: string): string => text.replaceAll(/[^*?[\]]+/g, (part) => word(part))

/** Reads the lines of all pieces. Throws SESSION_FAILED when one is not of ours. */
export const readMissing = (stdout: string, { programs, paths }: Question): Missing => {
  const missing = { programs: new Set<string>(), paths: new Set<string>() }
  for (const line of stdout.split('\n').filter((each) => each !== '')) {
    const [, kind, number] = /^([pr])(\d+)$/.exec(line) ?? []
    const program = programs[Number(number)]
    const path = paths[Number(number)]
    if (kind === 'p' && program !== undefined) missing.programs.add(program)
    else if (kind === 'r' && path !== undefined) missing.paths.add(path.text)
    else throw unanswered('the answer is not one to what was asked')
  }
  return missing
}

/** Why a command's answer cannot be believed, in words; undefined when all that it needs was there. `unseen`: what its programs said themselves. */
export const lackIn = (needs: Needs, missing: Missing, unseen: readonly string[]): string | undefined => {
  if (needs.unclear !== undefined) return `kscan could not read which programs the command needs (${needs.unclear})`
  const programs = needs.programs.filter((program) => missing.programs.has(program))
  const groups = needs.alternatives.filter((group) => group.every((program) => missing.programs.has(program)))
  const found = needs.reads.filter(({ text }) => missing.paths.has(text))
  const paths = new Set([...found.map(({ text }) => text), ...named(unseen, 'r').map((path) => printableLine(path, 200))])
  const said = [
    ...[...programs, ...unknownBefore(needs, unseen)].map((program) => `the program ${program} is not in the image`),
    ...groups.map((group) => `none of the programs ${group.join(', ')} is in the image`),
    ...[...paths].map((path) => `${path} cannot be read by this user`),
    ...named(unseen, 's').map((sentence) => printableLine(sentence, 200)),
    ...(unseen.includes('m') ? ['there is more that it could not see'] : [])
  ]
  return said.length === 0 ? undefined : said.join('; ')
}

const named = (unseen: readonly string[], kind: 'p' | 'r' | 's'): string[] => unseen.filter((each) => each.startsWith(kind)).map((each) => each.slice(1))

/** Programs whose names only the run knew; of the others the text says more: that one of several is enough, or that it asks for them. */
const unknownBefore = ({ programs, alternatives, asked }: Needs, unseen: readonly string[]): string[] => {
  const known = new Set([...programs, ...alternatives.flat(), ...asked])
  return named(unseen, 'p')
    .filter((program) => !known.has(program))
    .map((program) => printableLine(program, 200))
}
