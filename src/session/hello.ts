import { ScanError } from '../kernel/error.ts'
import type { CommandOutcome } from './command.ts'
import type { ShellProcess } from './kill.ts'

/** What a session's shell says of itself before its first command. */
export interface Greeting {
  readonly process: ShellProcess
  /** The program `setsid`; empty where there is none. */
  readonly setsid: string
}

/** Before the shell has answered; no process has the id 0. */
export const UNGREETED: Greeting = { process: { pid: 0, start: '0' }, setsid: '' }

/** Shell code, by builtins alone: process id and start time, then where `cat` and `setsid` are. */
export const HELLO =
  'read -r kscan_line <"/proc/$$/stat"; set -- ${kscan_line##*) }; echo "$$ ${20}" >&3; set --; kscan_cat=$(command -v cat) || :; echo "$kscan_cat" >&3; command -v setsid >&3 || :'

/** Reads the answer. Throws TARGET_UNUSABLE when there is no shell or when it cannot do what a session needs. */
export const readGreeting = (outcome: CommandOutcome): Greeting => {
  if (outcome.kind !== 'done') throw new ScanError('TARGET_UNUSABLE', `The target's /bin/sh did not answer: ${outcome.message}`, { hint: NEEDS })
  const match = /^(\d+) (\d+)\n(.+)\n(.*)\n?$/.exec(outcome.stdout.toString('utf8'))
  if (match === null)
    throw new ScanError('TARGET_UNUSABLE', "The target has a shell but no 'cat' or no /proc, without which commands cannot be told apart", { hint: NEEDS })
  return { process: { pid: Number(match[1]), start: match[2] ?? '' }, setsid: match[4] ?? '' }
}

const NEEDS = 'The approach kubernetes-api needs /bin/sh and cat in the image.'
