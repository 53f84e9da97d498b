import { ScanError } from '../kernel/error.ts'
import type { CommandOutcome } from './command.ts'

/**
 * Bytes that a container must have left: shells and tools of a scan count against its own limit, and beyond it the kernel may end the whole container.
 * Twice what a session with 111 commands was measured to take (6 MB, by the target's own shell and by a lent one).
 */
const NEEDED = 12 * 1048576

/** Prints limit, use, and what of it the kernel gives back by itself (file pages not in use), in bytes; nothing where no limit can be seen. */
const LOOK =
  'kscan_m=/sys/fs/cgroup; kscan_a=memory.max; kscan_b=memory.current; ' +
  'if ! [ -r "$kscan_m/$kscan_a" ]; then kscan_m=/sys/fs/cgroup/memory; kscan_a=memory.limit_in_bytes; kscan_b=memory.usage_in_bytes; fi; ' +
  '[ -r "$kscan_m/$kscan_a" ] || exit 0; read -r kscan_a <"$kscan_m/$kscan_a"; read -r kscan_b <"$kscan_m/$kscan_b"; kscan_c=0; ' +
  'while read -r kscan_k kscan_v; do case $kscan_k in inactive_file) kscan_c=$kscan_v;; esac; done <"$kscan_m/memory.stat"; echo "$kscan_a $kscan_b $kscan_c"'

/** Bytes that are left until the container's memory limit; undefined where there is none or it cannot be seen. */
export const headroomIn = (stdout: string): number | undefined => {
  const match = /^(\d+) (\d+) (\d+)\n$/.exec(stdout)
  return match === null ? undefined : Number(match[1]) - Number(match[2]) + Number(match[3])
}

/** Throws TARGET_FULL when the container is so near to its memory limit that a scan could end it. */
export const demandHeadroom = async (name: string, inspect: (code: Uint8Array) => Promise<CommandOutcome>): Promise<void> => {
  const outcome = await inspect(Buffer.from(LOOK))
  const left = outcome.kind === 'done' ? headroomIn(outcome.stdout.toString('latin1')) : undefined
  if (left === undefined || left >= NEEDED) return
  throw new ScanError('TARGET_FULL', `${name} has ${megabytes(left)} MiB left until its memory limit; a scan needs ${megabytes(NEEDED)}`, {
    hint: 'What a scan runs in a container counts against its limit, and the kernel may end the container beyond it: raise resources.limits.memory.'
  })
}

const megabytes = (bytes: number): string => (Math.max(0, bytes) / 1048576).toFixed(0)
