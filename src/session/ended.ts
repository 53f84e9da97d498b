import type { CommandOutcome } from './command.ts'

/**
 * Counts ended processes that process 1 has not collected, by the file that escapes their names. In the process namespace of a pod, process 1 is the pod's
 * own, which collects all.
 */
const COUNT =
  'kscan_n=0; for kscan_d in /proc/[0-9]*; do kscan_s=; while read -r kscan_k kscan_v kscan_r; do case $kscan_k in State:) kscan_s=$kscan_v;; ' +
  'PPid:) [ "$kscan_s $kscan_v" != "Z 1" ] || kscan_n=$((kscan_n+1)); break;; esac; done <"$kscan_d/status"; done; echo "$kscan_n"'

/** How many ended processes process 1 of the container has not collected; undefined when it cannot be seen. */
export const uncollected = async (inspect: (code: Uint8Array) => Promise<CommandOutcome>): Promise<number | undefined> => {
  const outcome = await inspect(Buffer.from(COUNT))
  const match = outcome.kind === 'done' ? /^\d+\n$/.exec(outcome.stdout.toString('latin1')) : null
  return match === null ? undefined : Number(match[0])
}

/** What is said of those that came during a scan, as an entry that the container keeps. */
export const uncollectedText = (name: string, count: number): string =>
  `${count === 1 ? '1 more ended process' : `${count} more ended processes`} in the process list of ${name}: ` +
  'commands left children behind when they ended or were killed, and process 1 of the container does not collect them; they go with the container'

/** What is said when the end of what a command left running was not seen. */
export const unendedText = (name: string): string =>
  `processes that a command started in ${name}: it was not seen that they have ended. Look with \`ps\` there; they go with the container`
