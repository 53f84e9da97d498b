import { messageOf, ScanError } from '../kernel/error.ts'
import { type Answered, COMMAND_BYTES, type Frame } from './frame.ts'

/**
 * How one command ended. Only `done` is an answer; everything else is an error of the control that asked. `unseen`: what a lent shell's programs could not
 * see: `p` and a program that could not be started, `r` and a path that could not be read, `s` and a sentence, `m` for more than is kept.
 */
export type CommandOutcome =
  | { readonly kind: 'done'; readonly stdout: Buffer; readonly stderr: Buffer; readonly status: number; readonly unseen?: readonly string[] }
  | { readonly kind: 'timed-out' | 'too-large' | 'lost' | 'refused'; readonly message: string }

/** A command on its way: in the queue, written, answered on one channel or on both. */
export interface Pending {
  readonly frame: Frame
  readonly timeout: number
  readonly resolve: (outcome: CommandOutcome) => void
  sent: boolean
  /** The frame by which a new shell is asked who it is. */
  readonly first: boolean
  timer?: NodeJS.Timeout
  stdout?: Answered
  stderr?: Answered
  failure?: CommandOutcome
}

/** The outcome of a command that the kernel would not take. */
export const tooLong = (command: Uint8Array): CommandOutcome => ({
  kind: 'refused',
  message: `a command of ${command.length} bytes is longer than Linux's limit of ${COMMAND_BYTES}`
})

/** The outcome of a command that printed more than `cap` bytes. */
export const tooLarge = (cap: number): CommandOutcome => ({ kind: 'too-large', message: `the command printed more than ${Math.round(cap / 1048576)} MiB` })

/** Gives a command its outcome, once. */
export const settle = (pending: Pending, outcome: CommandOutcome): void => {
  clearTimeout(pending.timer)
  pending.resolve(outcome)
}

/** Why a session's shell could not be replaced; `lost`: what became of the one before. A container that changed is the whole reason. */
export const notAgain = (error: unknown, lost: string): ScanError =>
  error instanceof ScanError && error.code === 'TARGET_CHANGED'
    ? error
    : new ScanError('SESSION_FAILED', `The session with the target was lost (${lost}) and could not be opened again: ${messageOf(error)}`, {
        cause: error,
        hint: 'Did the container restart or end, or does the cluster refuse a second exec? Look at `kubectl describe pod`.'
      })
