import type { Needs } from '../shell/found.ts'
import { nameOf, SHELLS } from '../shell/programs.ts'
import { WRAPPERS } from '../shell/starters.ts'
import type { Dialect } from './dialect.ts'
import { WHO_AM_I } from './greeting.ts'
import { CANARY, greetLent, type LentOptions } from './lent-shell.ts'
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
    greet: (outcome) => greetLent(outcome, options, NEEDS),
    doubt: (text, needs) => doubtOf(text, needs, { lent: new Set(tools.keys()), applets: sh.at(-1) === 'sh' })
  })
}

const lend = ([name, words]: readonly [string, Words]): string => `command -v ${name} || kscan_tools="$kscan_tools"'${name}() { ${words.join(' ')} "$@"; }; '; `

const NEEDS = 'Any image that is not the toolbox must have sh, cat and readlink, by a glibc of its own or by a static busybox.'

/** Ways by which a tool starts other programs by itself; a function is none to it. */
const STARTS = /\b(?:exec|command|builtin|time)\b|-(?:execdir|ok|okdir)\b/
const STARTS_OF_AWK = /system *\(|getline|(?<!\|)\|(?!\|)/
const STARTS_OF_SED = /\de\b/

/** It goes into folders that it does not name, of which some may be closed: a lent tool that does not tell would be silent about them. */
const WALKS = /\bfind\b|\s-[a-zA-Z]*[rR]|\bcd\b/

/** Processes by their numbers, and programs that show them: the helper and the lent shell are among them. */
const PROCESSES = /\/proc(?!\/(?:sys|net|self|mounts|cmdline|cpuinfo|meminfo|version|modules|filesystems)\b)|(?:^|[\s"'=])\/p[a-z]*[[*?]/
const SHOW_PROCESSES: ReadonlySet<string> = new Set('ps pgrep pidof pkill pstree top lsof fuser killall'.split(' '))

/** What busybox's tools do not know. */
const NOT_OF_BUSYBOX = /\s--[a-z]|%[mwW]/

interface Lent {
  readonly lent: ReadonlySet<string>
  /** The shell is busybox, which may start all its applets by their names, before any program of the target. */
  readonly applets: boolean
}

const doubtOf = (text: string, { programs, alternatives, asked }: Needs, { lent, applets }: Lent): string | undefined => {
  const all = [...programs, ...alternatives.flat()]
  const unsure = asked.find((name) => applets || lent.has(name) || /[$`]/.test(name))
  if (unsure !== undefined) return `whether ${unsure} is in the image ${CANNOT}`
  const applet = applets ? all.find((name) => !name.includes('/') && (!lent.has(name) || NOT_OF_BUSYBOX.test(text))) : undefined
  if (applet !== undefined) return `what ${applet} says may be busybox's word, which does less than the program of that name`
  const starter = starterIn(text, all, lent)
  if (starter !== undefined) return `which programs are started by ${starter} ${CANNOT}`
  if (PROCESSES.test(text) || all.some((name) => SHOW_PROCESSES.has(nameOf(name)))) return `which processes there are ${CANNOT}`
  return WALKS.test(text) && all.some((name) => lent.has(name)) ? `what is in closed folders ${CANNOT}` : undefined
}

/** What starts a program in a way that finds no function, where the command names one that is lent. */
const starterIn = (text: string, all: readonly string[], lent: ReadonlySet<string>): string | undefined => {
  if (STARTS_OF_AWK.test(text) && all.some((name) => name.endsWith('awk')) && awkPrograms(text).some((program) => STARTS_OF_AWK.test(program))) return 'awk'
  const sed = text.search(/\bsed\b/)
  if (sed >= 0 && STARTS_OF_SED.test(text.slice(sed))) return 'sed'
  const starter = all.find((name) => Object.hasOwn(WRAPPERS, nameOf(name)) || SHELLS.has(nameOf(name))) ?? STARTS.exec(text)?.[0]
  return all.some((name) => name !== starter && lent.has(nameOf(name))) ? starter : undefined
}

/** A longer text is one program: looking for quotes without an end takes the square of its length. */
const LONGEST = 16_384

/** Its programs are in quotes; a `|` outside of them is the shell's. */
const awkPrograms = (text: string): readonly string[] => (text.length > LONGEST ? [text] : (text.match(/'[^']*'|"(?:[^"\\]|\\.)*"/g) ?? []))

const CANNOT = 'cannot be told through a helper-image that is not the toolbox'
