import { ScanError } from '../kernel/error.ts'
import type { CommandOutcome } from './command.ts'
import type { Dialect } from './dialect.ts'
import { type Frame, newNonce } from './frame.ts'
import { READING } from './reading.ts'
import { type Greeting, greetingLines, processOf } from './greeting.ts'

/** The container in which the lent shell must find itself, and who lends. */
export interface LentOptions {
  readonly podUid: string
  readonly container: string
  /** Process of the helper by which the shell was reached, with its start time; undefined where the toolbox is mounted. */
  readonly lender: { readonly pid: number; readonly start: string } | undefined
  /** The container is of a pod of ours, where process 1 only waits for us. */
  readonly ownPod?: boolean
}

/** Shell code that prints what the kernel says of this container's mounts: the kubelet's own paths name pod and container. */
export const CANARY = 'while read -r kscan_line; do case $kscan_line in *" /dev/termination-log "*) echo "$kscan_line";; esac; done </proc/self/mountinfo'

/** The speech of the toolbox's `session` (toolbox/session.c), which a lent shell becomes after it has greeted. */
export const lentShell = (options: LentOptions): Dialect => ({
  opening: () => opening(options),
  greet: (outcome) => greetLent(outcome, options, NEEDS),
  command: request,
  inspect: (code) => request(Buffer.concat([Buffer.from(`kscan_newline='\n'\n${READING}\n`), code])),
  stop: (nonce) => `stop ${nonce}\n`,
  leave: 'end\n',
  tells: true,
  live: options.ownPod !== true,
  doubt: undefined
})

/** The launcher has told the shell where the toolbox is; a target that has a program of the same name is not asked. */
const opening = ({ lender, ownPod = false }: LentOptions): Frame => {
  const nonce = newNonce()
  const others = lender === undefined ? `KSCAN_HIDDEN="$KSCAN_HIDDEN /kscan"; ${ownPod ? hide(1) : ''}` : `${hide(lender.pid)}echo "${lender.pid} \${20}"; `
  const text =
    `read -r kscan_line </proc/$$/stat; set -- \${kscan_line##*) }; echo "$$ \${20}"; KSCAN_HIDDEN="$$:\${20}"; ` +
    `${others}export KSCAN_HIDDEN; set --; ${CANARY}; exec "$KSCAN_TOOLS/session" ${nonce}:0\n`
  return { nonce, text: Buffer.from(text) }
}

const hide = (pid: number): string => `read -r kscan_line </proc/${pid}/stat; set -- \${kscan_line##*) }; KSCAN_HIDDEN="$KSCAN_HIDDEN ${pid}:\${20}"; `

const request = (command: Uint8Array): Frame => {
  const nonce = newNonce()
  return { nonce, text: Buffer.concat([Buffer.from(`run ${nonce} ${command.length}\n`), command]) }
}

const NEEDS = 'The helper image must be the toolbox, and run as the same user as the target.'
const FAILS = 'The lent shell does not start in the target, whose user its helper must be'

/** Reads the greeting of a lent shell, and checks its proof. Throws TARGET_CHANGED or TARGET_UNUSABLE. */
export const greetLent = (outcome: CommandOutcome, options: Omit<LentOptions, 'ownPod'>, needs: string): Greeting => {
  const [who, ...proof] = greetingLines(outcome, { fails: FAILS, needs })
  const process = processOf(who)
  if (process === undefined) throw new ScanError('TARGET_UNUSABLE', 'The lent shell did not say who it is', { hint: needs })
  demandProof(proof, options)
  return { process, setsid: '' }
}

/**
 * Checks what a lent shell printed of its lender, `PID START`, and of itself, by `CANARY`. Throws TARGET_CHANGED or TARGET_UNUSABLE.
 */
const demandProof = (proof: readonly string[], { podUid, container, lender }: Omit<LentOptions, 'ownPod'>): void => {
  if (lender !== undefined && proof[0] !== `${lender.pid} ${lender.start}`)
    throw new ScanError('TARGET_CHANGED', 'The helper ended or was replaced while its shell was started, so that the shell may be anything', {
      hint: 'Scan again; if it happens again, a process of the target kills the helper.'
    })
  if (!proof.some((line) => line.includes(`/pods/${podUid}/containers/${container}/`)))
    throw new ScanError('TARGET_UNUSABLE', 'The lent shell could not prove in which container it runs', {
      hint: "Expected in its /proc/self/mountinfo: the kubelet's path of this container's /dev/termination-log."
    })
}
