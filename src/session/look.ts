import { setImmediate as turn } from 'node:timers/promises'
import { ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { type Feature, FEATURES } from '../shell/features.ts'
import { nameOf } from '../shell/programs.ts'
import type { Needs } from '../shell/found.ts'
import { keyOf, type Path } from '../shell/paths.ts'
import type { CommandOutcome } from './command.ts'
import type { Dialect } from './dialect.ts'
import type { Evidence, Lacking, Rested } from './evidence.ts'
import { FUNCTIONS, hasProgram, sees, word } from './question.ts'
import { refusedIn, SYNTAX } from './refused.ts'
import { alone, readServices, saysNone, type Services, servicesCode } from './services.ts'

/** Of whom is asked: shell code of ours of the target, and what a command rests on of its text. */
export interface Asking {
  readonly inspect: (code: Uint8Array) => Promise<CommandOutcome>
  readonly read: (command: string) => Promise<Needs>
}

/**
 * Asks the target, once for a whole audit, for all programs and paths that its commands needed, for what its shell understands, and for services of which no
 * service manager told; notes what their answers rest on. Rejects with SESSION_FAILED when the target does not say.
 */
export const lookAgain = async (
  evidence: Evidence,
  { inspect, read }: Asking,
  { doubt, tells, live }: Pick<Dialect, 'doubt' | 'tells' | 'live'>
): Promise<void> => {
  const ask = async (code: Uint8Array): Promise<string> => {
    const outcome = await inspect(code)
    if (outcome.kind !== 'done' || outcome.status !== 0) throw unanswered(outcome.kind === 'done' ? `exit ${outcome.status}` : outcome.message)
    return outcome.stdout.toString('utf8')
  }
  const commands: (Rested & { readonly needs: Needs })[] = []
  for (const command of evidence.commands()) commands.push({ ...command, needs: await read(command.text) })
  const question = questionOf(commands.map(({ needs }) => needs))
  let said = ''
  for (const code of questionCode(question)) said += await ask(code)
  const missing = readMissing(said, [...question.keys()])
  const services = await askServices(commands, { ask, live })
  for (const command of commands) {
    await turn() // of a hundred thousand commands each takes its time: whoever interrupts is heard
    const {
      number,
      text,
      needs,
      said: { status }
    } = command
    if (status === 127 && needs.questions) evidence.lacking(number, []) // so `command -v x` says no
    const lacks = lacksIn(needs, missing, { unseen: command.said.unseen, tells })
    const refused = refusedIn(command, command.resources.size > 0)
    const doubts = doubt?.(text, needs)
    const others = doubts === undefined ? [] : [{ cause: 'foreign-helper', text: doubts }]
    note(evidence, { command, found: [...together(lacks, refused), ...others], services })
  }
}

/** Each is accepted for itself: a refusal counts beside what is missing, unless it is of a program or a path that is among them. */
const together = (lacks: readonly Lacking[], refused: Lacking | undefined): readonly Lacking[] => {
  if (refused === undefined) return lacks
  if (refused.cause === SYNTAX) return [refused] // nothing of it ran, and nothing of it was needed
  return lacks.some(({ cause }) => isSame(cause, refused)) ? lacks : [...lacks, refused]
}

const isSame = (cause: string, refused: Lacking): boolean => {
  const [, kind, what = ''] = /^([^:]+):(.*)$/s.exec(cause) ?? []
  if (kind === 'unreadable' || kind === 'hidden') return refused.text.includes(what)
  return kind === 'missing' && what.split('|').some((program) => refused.cause === `refused:${nameOf(program)}`)
}

type Ask = (code: Uint8Array) => Promise<string>

const askServices = async (commands: readonly Rested[], { ask, live }: { ask: Ask; live: boolean }): Promise<Services | undefined> => {
  const names = [...new Set(commands.flatMap(({ services }) => [...services]))]
  if (names.length === 0) return undefined
  const services = readServices(await ask(Buffer.concat([Buffer.from(FUNCTIONS), servicesCode(names)])), { names, live })
  if (services === undefined) throw unanswered('it did not end')
  return services
}

/** What was found of one command; of one that asked for services, whether it was needed. */
const note = (evidence: Evidence, { command, found, services }: { command: Rested; found: readonly Lacking[]; services: Services | undefined }): void => {
  const { number, text, said } = command
  const names = services === undefined ? [] : [...command.services]
  const against = names.map((name) => services?.against(name)).find((each) => each !== undefined)
  if (names.length === 0 || services === undefined) {
    if (found.length > 0) evidence.lacking(number, found)
  } else if (found.length === 0) {
    const open = names.filter((name) => services.runsAlone(name) && saysNone(text, said, name))
    if (open.length > 0) evidence.lacking(number, open.map(alone))
  } else if (against === undefined) {
    const { ground } = services
    evidence.grounded(
      number,
      names.map((service) => ({ service, ground }))
    )
  } else {
    evidence.lacking(
      number,
      found.map((lack) => ({ ...lack, text: `${lack.text}, and ${against}` }))
    )
  }
}

const unanswered = (why: string): ScanError =>
  new ScanError('SESSION_FAILED', `Whether the programs and files that the commands needed are there could not be asked: ${why}`)

/** Shell code for each thing that commands need, which fails where it is missing, by a key. */
type Question = ReadonlyMap<string, string>

const keyOfProgram = (name: string): string => `program ${name}`
const keyOfRead = (path: Path): string => `read ${keyOf(path)}`
const keyOfLook = (path: Path): string => `look ${keyOf(path)}`
const keyOfDatabase = (program: string): string => `database ${program}`
const keyOfOwn = (program: string): string => `own ${program}`
const keyOfFeature = (name: Feature): string => `feature ${name}`

const questionOf = (needs: readonly Needs[]): Question => {
  const question = new Map<string, string>()
  let bytes = 0
  for (const [key, code] of each(needs)) {
    bytes += question.has(key) ? 0 : code.length
    if (bytes > ALL_BYTES) throw unanswered('they are too many')
    question.set(key, code)
  }
  return question
}

function* each(needs: readonly Needs[]): Generator<[string, string]> {
  for (const one of needs) yield* questionsOf(one)
}

const questionsOf = ({ programs, alternatives, reads, looks, databases, features, startsUnknown }: Needs): [string, string][] => [
  ...[...programs, ...alternatives.flat()].map((program): [string, string] => [keyOfProgram(program), hasProgram(program)]),
  ...reads.map((path): [string, string] => [keyOfRead(path), sees(path, path.listed ? 'kscan_opens' : 'kscan_sees')]),
  ...looks.map((path): [string, string] => [keyOfLook(path), sees(path, 'kscan_knows')]),
  ...databases.map(({ program, files }): [string, string] => [
    keyOfDatabase(program),
    `! kscan_has ${word(program)} || ${files.map((file) => `[ -r ${word(file)} ]`).join(' || ')}`
  ]),
  ...startsUnknown.map((program): [string, string] => [keyOfOwn(program), `! command -v ${word(program)} >/dev/null 2>&1`]),
  ...features.map((feature): [string, string] => [keyOfFeature(feature), `(eval ${word(FEATURES[feature])}) >/dev/null 2>&1`])
]

/** Bytes of one question: far below what a command line may have. */
const QUESTION_BYTES = 32_768

/** Of all: a profile may name files without end. */
const ALL_BYTES = 16 * 1024 * 1024

/** The question in as many pieces as it takes; each prints a line for every thing that is missing: its number. */
const questionCode = (question: Question): Buffer[] => {
  const pieces: string[] = []
  for (const [index, code] of [...question.values()].entries()) {
    const text = `{ ${code}; } || echo ${index}; `
    const last = pieces.length - 1
    if (last < 0 || (pieces[last]?.length ?? 0) + text.length > QUESTION_BYTES) pieces.push(text)
    else pieces[last] += text
  }
  return pieces.map((piece) => Buffer.from(`${FUNCTIONS}${piece}:`))
}

/** Reads the numbers that all pieces printed, and gives their keys. Throws SESSION_FAILED when a line is none. */
const readMissing = (stdout: string, keys: readonly string[]): ReadonlySet<string> => {
  const lines = stdout.split('\n').filter((line) => line !== '')
  return new Set(
    lines.map((line) => {
      const key = /^\d+$/.test(line) ? keys[Number(line)] : undefined
      if (key === undefined) throw unanswered('the answer is not one to what was asked')
      return key
    })
  )
}

/**
 * Why a command's answer cannot be believed; empty when all that it needs was there. `unseen`: what its programs said themselves. Where programs tell (a lent
 * shell), the target's own shells and starters do not: of what they could not find they say nothing.
 */
const lacksIn = (needs: Needs, missing: ReadonlySet<string>, { unseen, tells }: { unseen: readonly string[]; tells: boolean }): Lacking[] => {
  const lacks = (program: string): boolean => missing.has(keyOfProgram(program))
  const paths = new Set([...needs.reads.filter((path) => missing.has(keyOfRead(path))).map(({ text }) => text), ...named(unseen, 'r').map(shown)])
  const emptyHanded = (program: string): boolean => !tells && missing.has(keyOfDatabase(program))
  const useless = (program: string): boolean => lacks(program) || emptyHanded(program)
  const databases = needs.databases.filter(({ program, alone }) => alone && emptyHanded(program)).map(({ program }) => program)
  const hidden = needs.looks.filter((path) => missing.has(keyOfLook(path)) && !paths.has(path.text))
  return [
    ...(needs.unclear === undefined ? [] : [{ cause: 'unclear', text: `kscan could not read which programs the command needs (${needs.unclear})` }]),
    ...[...needs.programs.filter(lacks), ...unknownBefore(needs, unseen)].map((program) =>
      lacking('missing', program, `the program ${program} is not in the image`)
    ),
    ...needs.alternatives
      .filter((group) => group.every(useless))
      .map((group) =>
        lacking('missing', group.join('|'), `none of the programs ${group.join(', ')} is in the image${group.every(lacks) ? '' : ', with a package database'}`)
      ),
    ...needs.features
      .filter((feature) => missing.has(keyOfFeature(feature)))
      .map((feature) => lacking('shell', feature, `the shell does not understand ${feature}`)),
    ...[...new Set(databases)].map((program) => lacking('database', program, `${program} finds no package database in the image`)),
    ...[...paths].map((path) => lacking('unreadable', path, `${path} cannot be read by this user`)),
    ...hidden.map(({ text }) => lacking('hidden', text, `whether ${text} is there cannot be seen by this user`)),
    ...named(unseen, 's').map((text) => ({ cause: 'tool', text: shown(text) })),
    ...(unseen.includes('m') ? [{ cause: 'more', text: 'there is more that it could not see' }] : []),
    ...(needs.unknown && (!tells || needs.startsUnknown.some((program) => missing.has(keyOfOwn(program))))
      ? [{ cause: 'unknown-program', text: 'it starts programs whose names only the run knows' }]
      : [])
  ]
}

const lacking = (kind: string, what: string, text: string): Lacking => ({ cause: `${kind}:${what}`, text })

const shown = (text: string): string => printableLine(text, 200)
const named = (unseen: readonly string[], kind: 'p' | 'r' | 's'): string[] => unseen.filter((each) => each.startsWith(kind)).map((each) => each.slice(1))

/** Programs whose names only the run knew; of the others the text says more: that one of several is enough, or that it asks for them. */
const unknownBefore = ({ programs, alternatives, asked }: Needs, unseen: readonly string[]): string[] => {
  const known = new Set([...programs, ...alternatives.flat(), ...asked])
  return named(unseen, 'p')
    .filter((program) => !known.has(program))
    .map(shown)
}
