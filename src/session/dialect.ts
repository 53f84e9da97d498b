import type { CommandOutcome } from './command.ts'
import type { Frame } from './frame.ts'
import type { Greeting } from './greeting.ts'
import type { Needs } from '../shell/found.ts'

/** How a session speaks with what runs at its far end; what comes back has the same form in each: see `ChannelReader`. */
export interface Dialect {
  /** The first frame: its answer is a greeting, and says that commands may come. */
  readonly opening: () => Frame
  /** Reads the answer to the first frame. Throws TARGET_UNUSABLE. */
  readonly greet: (outcome: CommandOutcome) => Greeting
  /** `sh -c COMMAND`. */
  readonly command: (command: Uint8Array, greeting: Greeting) => Frame
  /** Shell code of ours, one line with words made by `quoted`. */
  readonly inspect: (code: Uint8Array) => Frame
  /** Input that ends what a frame's command left running; undefined: it takes a second exec. */
  readonly stop: ((nonce: string) => string) | undefined
  /** Input that ends the far side, for servers whose protocol cannot end the input. */
  readonly leave: string
  /** Its programs say themselves what they could not see, and which programs they did not find. */
  readonly tells: boolean
  /** Beside it run the target's processes; false in a pod of ours with the target's image. */
  readonly live: boolean
  /**
   * Why an answer that lacks nothing is still not the target's alone, in words; undefined: it is. A far end without this question answers for the target
   * by construction.
   */
  readonly doubt: ((text: string, needs: Needs) => string | undefined) | undefined
}
