import { ScanError } from '../kernel/error.ts'
import type { CommandOutcome } from './command.ts'
import type { ShellProcess } from './kill.ts'
import type { StreamEnd } from './stream.ts'

/** What the far end of a session says of itself before the first command. */
export interface Greeting {
  readonly process: ShellProcess
  /** The program `setsid`; empty where there is none. */
  readonly setsid: string
}

/** Before there was an answer; no process has the id 0. */
export const UNGREETED: Greeting = { process: { pid: 0, start: '0' }, setsid: '' }

/** Shell code, by builtins alone, that prints process id and start time of the shell (field 22 of /proc/PID/stat). */
export const WHO_AM_I = 'read -r kscan_line <"/proc/$$/stat"; set -- ${kscan_line##*) }; echo "$$ ${20}"; set --'

/** A runtime's words for a program that is not in the container, or cannot be run there. */
const NOT_THERE = /no such file or directory|not found|permission denied|exec format error/i

/** The outcome of a greeting that says something of the container. Throws SESSION_FAILED where the way to it broke, by how the stream ended, or it stopped. */
export const ofContainer = (outcome: CommandOutcome, end: StreamEnd | undefined): CommandOutcome => {
  const noShell = end?.kind === 'exited' || (end?.kind === 'failed' && NOT_THERE.test(end.message))
  if (outcome.kind === 'done' || noShell) return outcome
  throw new ScanError('SESSION_FAILED', `The target's shell did not answer: ${outcome.message}`)
}

/** What to say of a shell that did not greet, and what the approach needs. */
interface Ungreeted {
  readonly fails: string
  readonly needs: string
}

/** The lines of a greeting. Throws TARGET_UNUSABLE when there was none. */
export const greetingLines = (outcome: CommandOutcome, { fails, needs }: Ungreeted): string[] => {
  if (outcome.kind !== 'done') {
    const why = /exec: "[^"]+": .*$/.exec(outcome.message)?.[0] ?? outcome.message
    throw new ScanError('TARGET_UNUSABLE', `${fails}: ${why}`, { hint: needs })
  }
  return outcome.stdout.toString('utf8').split('\n')
}

/** The line of `WHO_AM_I`; undefined when it is not as it must be. */
export const processOf = (line: string | undefined): ShellProcess | undefined => {
  const match = /^(\d+) (\d+)$/.exec(line ?? '')
  return match === null ? undefined : { pid: Number(match[1]), start: match[2] ?? '' }
}
