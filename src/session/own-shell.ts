import { ScanError } from '../kernel/error.ts'
import type { CommandOutcome } from './command.ts'
import type { Dialect } from './dialect.ts'
import { type Greeting, greetingLines, processOf, WHO_AM_I } from './greeting.ts'
import { posixShell } from './posix-shell.ts'

/** Who the shell is, then whether there is `cat`, and where `setsid` is. */
const HELLO = `{ ${WHO_AM_I}; } >&3; kscan_cat=$(command -v cat) || :; echo "\${kscan_cat:+cat}" >&3; command -v setsid >&3 || :`

const NEEDS =
  'The approach kubernetes-api needs /bin/sh and cat in the image. approach: auto lends them, with allow: ephemeral-container or scan-pod, and the toolbox as helper-image (docs/approaches.md).'

const greet = (outcome: CommandOutcome): Greeting => {
  const [who, cat, setsid = '', ...more] = greetingLines(outcome, { fails: 'The container has no usable shell', needs: NEEDS })
  const process = processOf(who)
  if (process === undefined || cat !== 'cat')
    throw new ScanError('TARGET_UNUSABLE', "The target has a shell but no 'cat' or no /proc, without which commands cannot be told apart", { hint: NEEDS })
  return { process, setsid: more.length > 1 ? '' : setsid } // a path that is more than one line fits into no frame
}

/** The target's own /bin/sh, of any make. */
export const OWN_SHELL: Dialect = posixShell({ sh: '/bin/sh', cat: '"$kscan_cat"', before: '', hello: HELLO, greet, doubt: undefined })
