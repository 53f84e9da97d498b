import type { CommandOutcome } from './command.ts'

/** Counts ended processes that process 1 has not collected; in the process namespace of a pod, that is the pod's own, which collects all. */
const COUNT =
  'kscan_n=0; for kscan_d in /proc/[0-9]*; do read -r kscan_line <"$kscan_d/stat" || continue; set -- ${kscan_line##*) }; ' +
  '[ "$1 $2" != "Z 1" ] || kscan_n=$((kscan_n+1)); done; echo "$kscan_n"'

/** How many ended processes process 1 of the container has not collected; undefined when it cannot be seen. */
export const uncollected = async (inspect: (code: Uint8Array) => Promise<CommandOutcome>): Promise<number | undefined> => {
  const outcome = await inspect(Buffer.from(COUNT))
  const match = outcome.kind === 'done' ? /^\d+\n$/.exec(outcome.stdout.toString('latin1')) : null
  return match === null ? undefined : Number(match[0])
}

/** What is said of those that came during a scan, as an entry that the container keeps. */
export const uncollectedText = (name: string, count: number): string =>
  `${count === 1 ? '1 more ended process' : `${count} more ended processes`} in the process list of ${name}: ` +
  'commands left children behind when they ended or were killed, and process 1 of the container does not collect them'
