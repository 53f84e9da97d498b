import type { Answered, Frame } from './frame.ts'

/** How one command ended. Only `done` is an answer; everything else is an error of the control that asked. */
export type CommandOutcome =
  | { readonly kind: 'done'; readonly stdout: Buffer; readonly stderr: Buffer; readonly status: number }
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
