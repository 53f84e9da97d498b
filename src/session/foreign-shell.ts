import { ScanError } from '../kernel/error.ts'
import type { Needs } from '../shell/needs.ts'
import { SHELLS, WRAPPERS } from '../shell/programs.ts'
import type { CommandOutcome } from './command.ts'
import type { Dialect } from './dialect.ts'
import { type Greeting, greetingLines, processOf, WHO_AM_I } from './greeting.ts'
import { CANARY, demandProof, type LentOptions } from './lent-shell.ts'
import { posixShell } from './posix-shell.ts'

/** How a program of a helper is started in its target, as words: by the helper's dynamic loader, or a static busybox with the name of its applet. */
export type Words = readonly string[]

/** What a helper of any image lends. */
export interface ForeignTools {
  readonly sh: Words
  readonly cat: Words
  /** By name; `sh` is not among them. */
  readonly tools: ReadonlyMap<string, Words>
}

interface ForeignOptions extends Omit<LentOptions, 'lender' | 'ownPod'>, ForeignTools {
  readonly lender: NonNullable<LentOptions['lender']>
}

/**
 * The speech of a shell that is lent by an image other than the toolbox. Its tools cannot be started by name, so that they are functions of the shell, and
 * only where the target has none of that name. Nothing protects it from other processes of the same user.
 */
export const foreignShell = (options: ForeignOptions): Dialect => {
  const { sh, cat, tools, lender } = options
  const shown = `{ ${WHO_AM_I}; read -r kscan_line </proc/${lender.pid}/stat; set -- \${kscan_line##*) }; echo "${lender.pid} \${20}"; set --; ${CANARY}; } >&3`
  return posixShell({
    sh: sh.join(' '),
    cat: cat.join(' '),
    before: '"$kscan_tools"',
    hello: `${shown}; kscan_exec=; kscan_tools=; ${[...tools].map(lend).join('')}eval "$kscan_tools"`,
    greet: (outcome) => greet(outcome, options),
    doubt: (text, needs) => doubtOf(text, needs, { lent: new Set(tools.keys()), applets: sh.at(-1) === 'sh' })
  })
}

const lend = ([name, words]: readonly [string, Words]): string => `command -v ${name} || kscan_tools="$kscan_tools"'${name}() { ${words.join(' ')} "$@"; }; '; `

const NEEDS = 'Any image that is not the toolbox must have sh, cat and readlink, by a glibc of its own or by a static busybox.'

const greet = (outcome: CommandOutcome, options: ForeignOptions): Greeting => {
  const [who, ...proof] = greetingLines(outcome, NEEDS)
  const process = processOf(who)
  if (process === undefined) throw new ScanError('TARGET_UNUSABLE', 'The lent shell did not say who it is', { hint: NEEDS })
  demandProof(proof, options)
  return { process, setsid: '' }
}

/** Ways by which a tool starts other programs by itself; a function is none to it. */
const STARTS = /\b(?:exec|command|builtin|time)\b|-(?:execdir|ok|okdir)\b/
const STARTS_OF_AWK = /system *\(|getline|\| *"|" *\||print[^'"|}]*\|/

/** A walk from the root that goes into /proc. */
const WALKS = /\bfind\b|-[a-zA-Z]*[rR]/
const STAYS = /-(?:xdev|mount)\b/

/** Processes by their numbers: the helper and the lent shell are among them. */
const PROCESSES = /\/proc(?!\/(?:sys|net|self|mounts|cmdline|cpuinfo|meminfo|version|modules|filesystems)\b)/

interface Lent {
  readonly lent: ReadonlySet<string>
  /** The shell is busybox, which may start all its applets by their names, before any program of the target. */
  readonly applets: boolean
}

const doubtOf = (text: string, { programs, alternatives, reads, asked }: Needs, { lent, applets }: Lent): string | undefined => {
  const all = [...programs, ...alternatives.flat()]
  const unsure = asked.find((name) => applets || lent.has(name))
  if (unsure !== undefined) return `whether ${unsure} is in the image ${CANNOT}`
  const applet = applets ? all.find((name) => !name.includes('/') && !lent.has(name)) : undefined
  if (applet !== undefined) return `what ${applet} says may be busybox's word, which does less than the program of that name`
  const starter = starterIn(text, all, lent)
  if (starter !== undefined) return `which programs are started by ${starter} ${CANNOT}`
  const walks = reads.some(({ text: path }) => path === '/') && WALKS.test(text) && !STAYS.test(text)
  return walks || PROCESSES.test(text) ? `which processes there are ${CANNOT}` : undefined
}

/** What starts a program in a way that finds no function, where the command names one that is lent. */
const starterIn = (text: string, all: readonly string[], lent: ReadonlySet<string>): string | undefined => {
  if (STARTS_OF_AWK.test(text) && all.some((name) => name.endsWith('awk'))) return 'awk'
  const starter = all.find((name) => name in WRAPPERS || SHELLS.has(name)) ?? STARTS.exec(text)?.[0]
  return all.some((name) => name !== starter && lent.has(name)) ? starter : undefined
}

const CANNOT = 'cannot be told through a helper-image that is not the toolbox'
