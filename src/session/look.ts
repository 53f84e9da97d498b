import { ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { type Feature, FEATURES } from '../shell/features.ts'
import type { Needs } from '../shell/found.ts'
import { needsOf } from '../shell/needs.ts'
import { keyOf, type Path } from '../shell/paths.ts'
import type { CommandOutcome } from './command.ts'
import type { Dialect } from './dialect.ts'
import type { Evidence, Lacking, Rested } from './evidence.ts'
import { quoted } from './frame.ts'
import { refusedIn, SYNTAX } from './refused.ts'
import { alone, readServices, saysNone, type Services, servicesCode } from './services.ts'

/**
 * Asks the target, once for a whole audit, for all programs and paths that its commands needed, for what its shell understands, and for services of which no
 * service manager told; notes what their answers rest on. Rejects with SESSION_FAILED when the target does not say.
 */
export const lookAgain = async (
  evidence: Evidence,
  inspect: (code: Uint8Array) => Promise<CommandOutcome>,
  { doubt, tells, live }: Pick<Dialect, 'doubt' | 'tells' | 'live'>
): Promise<void> => {
  const ask = async (code: Uint8Array): Promise<string> => {
    const outcome = await inspect(code)
    if (outcome.kind !== 'done' || outcome.status !== 0) throw unanswered(outcome.kind === 'done' ? `exit ${outcome.status}` : outcome.message)
    return outcome.stdout.toString('utf8')
  }
  const commands = evidence.commands().map((command) => ({ ...command, needs: needsOf(command.text) }))
  const question = questionOf(commands.map(({ needs }) => needs))
  let said = ''
  for (const code of questionCode(question)) said += await ask(code)
  const missing = readMissing(said, [...question.keys()])
  const services = await askServices(commands, { ask, live })
  for (const command of commands) {
    const { text, needs } = command
    const lacks = lacksIn(needs, missing, { unseen: command.said.unseen, tells })
    const refused = refusedIn(command, command.resources.size > 0)
    const doubts = lacks.length > 0 || refused !== undefined ? undefined : doubt?.(text, needs)
    const others = doubts === undefined ? [] : [{ cause: 'foreign-helper', text: doubts }]
    const isSyntax = refused?.cause === SYNTAX // then nothing of it ran, and nothing of it was needed
    const found = refused !== undefined && (isSyntax || lacks.length === 0) ? [refused] : [...lacks, ...others]
    note(evidence, { command, found, services })
  }
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

const questionOf = (needs: readonly Needs[]): Question =>
  new Map(
    needs.flatMap(({ programs, alternatives, reads, looks, databases, features, startsUnknown }): [string, string][] => [
      ...[...programs, ...alternatives.flat()].map((program): [string, string] => [keyOfProgram(program), hasProgram(program)]),
      ...reads.map((path): [string, string] => [keyOfRead(path), sees(path, path.listed ? 'kscan_opens' : 'kscan_sees')]),
      ...looks.map((path): [string, string] => [keyOfLook(path), sees(path, 'kscan_knows')]),
      ...databases.map(({ program, files }): [string, string] => [
        keyOfDatabase(program),
        `! kscan_has ${word(program)} || ${files.map((file) => `[ -r ${word(file)} ]`).join(' || ')}`
      ]),
      ...startsUnknown.map((program): [string, string] => [keyOfOwn(program), `! command -v ${word(program)} >/dev/null 2>&1`]),
      ...features.map((feature): [string, string] => [keyOfFeature(feature), `(eval ${word(FEATURES[feature])}) >/dev/null 2>&1`])
    ])
  )

/** A tool of busybox or the like need be no file of its own; toybox lists its tools when it is asked for none. */
const hasProgram = (program: string): string => {
  const [, many, tool = ''] = /^((?:\S*\/)?(?:busy|toy)box) (\w\S*)$/.exec(program) ?? []
  if (many === undefined) return `kscan_has ${word(program)}`
  return `{ kscan_has ${word(many)} && kscan_in ${word(tool)} $(${word(many)}${many.endsWith('busybox') ? ' --list' : ''} 2>/dev/null); }`
}

/**
 * Shell functions for a session's `inspect`, by builtins alone. A lent shell answers `command -v` for the target; its own tools are in the folder that
 * `KSCAN_TOOLS` names, and stand in for programs that are named in the usual folders and are not there.
 */
const FUNCTIONS =
  'kscan_offers() { case ${KSCAN_TOOLS-} in */kscan/bin) [ -x "$KSCAN_TOOLS/${1##*/}" ];; *) return 1;; esac; }; ' +
  'kscan_lent() { case ${1%/*} in /bin | /sbin | /usr/bin | /usr/sbin) [ ! -e "$1" ] && kscan_offers "$1";; *) return 1;; esac; }; ' +
  'kscan_has() { case $1 in */*) [ -x "$1" ] || kscan_lent "$1";; *) kscan_w=$(command -v "$1") && case $kscan_w in /*) [ -x "$kscan_w" ];; esac || kscan_offers "$1";; esac >/dev/null 2>&1; }; ' +
  'kscan_in() { kscan_w=$1; shift; for kscan_i; do [ "$kscan_i" != "$kscan_w" ] || return 0; done; return 1; }; ' +
  'kscan_sees() { if [ -d "$1" ]; then [ -r "$1" ] && [ -x "$1" ]; elif [ -e "$1" ]; then [ -r "$1" ]; else kscan_absent "$1"; fi; }; ' +
  'kscan_opens() { if [ -d "$1" ]; then [ -r "$1" ] && [ -x "$1" ]; else [ -e "$1" ] || kscan_absent "$1"; fi; }; ' +
  'kscan_knows() { [ -e "$1" ] || kscan_absent "$1"; }; ' +
  'kscan_lists() { [ ! -d "$1" ] || [ -r "$1" ]; }; '

/** Bytes of one question: far below what a command line may have. */
const QUESTION_BYTES = 32_768

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

const word = (text: string): string => quoted(Buffer.from(text)).toString()

/**
 * Of a pattern, all that it finds is asked for, and whether it could find all: the folder before each part with a sign in it must be readable, what such a
 * part finds must be searchable.
 */
const sees = ({ text, glob }: Path, ask: 'kscan_sees' | 'kscan_opens' | 'kscan_knows'): string => {
  if (!glob) return `${ask} ${word(text)}`
  const parts = text.split('/')
  const checks = parts.flatMap((part, index) => {
    if (!SIGNS.test(part)) return []
    const before = parts.slice(0, index).join('/') || '/'
    const upTo = parts.slice(0, index + 1).join('/')
    const found = index === parts.length - 1 ? `${ask} "$kscan_g"` : 'kscan_knows "$kscan_g/."'
    return [each(before, 'kscan_knows "$kscan_g" && kscan_lists "$kscan_g"'), each(upTo, found)]
  })
  const last = SIGNS.test(parts.at(-1) ?? '') ? [] : [each(text, `${ask} "$kscan_g"`)]
  return [...checks, ...last].join(' && ')
}

const SIGNS = /[*?[]/
const each = (text: string, check: string): string =>
  `{ kscan_all=0; for kscan_g in ${pattern(text)}; do { ${check}; } || kscan_all=1; done; [ $kscan_all = 0 ]; }`

/** A shell pattern: what is not one of its signs, or plain, is quoted. */
const pattern = (text: string): string => text.replaceAll(/[^*?[\]!^\w.:/-]+/g, (part) => word(part))

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
  if (needs.unclear !== undefined) return [{ cause: 'unclear', text: `kscan could not read which programs the command needs (${needs.unclear})` }]
  const lacks = (program: string): boolean => missing.has(keyOfProgram(program))
  const paths = new Set([...needs.reads.filter((path) => missing.has(keyOfRead(path))).map(({ text }) => text), ...named(unseen, 'r').map(shown)])
  const emptyHanded = (program: string): boolean => !tells && missing.has(keyOfDatabase(program))
  const useless = (program: string): boolean => lacks(program) || emptyHanded(program)
  const databases = needs.databases.filter(({ program, alone }) => alone && emptyHanded(program)).map(({ program }) => program)
  const hidden = needs.looks.filter((path) => missing.has(keyOfLook(path)) && !paths.has(path.text))
  return [
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
