/** Bytes of one file, of a process's memory; numbers of processes and of open files. Far more than an audit of thousands of controls needs. */
const LIMITS = { fsize: 1024 ** 3, as: 4 * 1024 ** 3, nproc: 256, nofile: 1024, core: 0 } as const

/** Of util-linux, as the other programs that keep the auditor apart. */
export const PRLIMIT = '/usr/bin/prlimit'

/**
 * What a program is started by that bounds it and all that it starts: each process's time on a processor, in seconds, and its memory, files and their
 * sizes. The number of processes counts by user, so that it is bounded only for one who has no others.
 */
export const limited = (seconds: number, { alone }: { readonly alone: boolean }): string[] => {
  const { nproc, ...each } = LIMITS
  const limits = Object.entries(alone ? { ...each, nproc } : each)
  return [PRLIMIT, `--cpu=${Math.ceil(seconds)}`, ...limits.map(([name, most]) => `--${name}=${most}`), '--']
}
