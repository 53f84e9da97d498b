import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { endNow, homesOf, pids } from './pids.ts'

/** By what a job's processes are known where they have left their group, as daemons do. */
export interface Trace {
  /** Of the program that was started: it leads a session and a group of its own. */
  readonly pid: number
  /** Clock ticks since boot at which it began. */
  readonly begun: number
  /** The pipes that it alone was given, as /proc names them. */
  readonly pipes: ReadonlySet<string>
  /** Its HOME, where no other program has the same. */
  readonly home: string | undefined
}

interface Seen {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly session: number
  readonly begun: number
  /** Nobody has collected it yet. */
  readonly ended: boolean
}

/** Milliseconds for those that start others faster than they are ended. */
const LIMIT_MS = 1000
const PAUSE_MS = 20
/** One that is just becoming another program shows neither its words nor its environment. */
const LOOKS = 2
/** Standard input, output and errors: what else it holds it may have from whoever started us, and so may everybody. */
const GIVEN = [0, 1, 2]

/** What a program that was just started, and may have ended since, can be known by later; undefined where there is no /proc. `home`: see `Trace`. */
export const traceOf = (pid: number | undefined, home: string | undefined): Trace | undefined => {
  const seen = pid === undefined ? undefined : look(pid)
  if (seen === undefined) return undefined
  const ours = new Set(pipesOf(process.pid))
  const pipes = GIVEN.flatMap((descriptor) => pipeAt(seen.pid, descriptor)).filter((pipe) => !ours.has(pipe))
  return { pid: seen.pid, begun: seen.begun, pipes: new Set(pipes), home }
}

/**
 * Ends all that a job has left: its group, its session, what holds its pipes or has its HOME, and what any of these started. Nobody listens to them any more, so
 * that they get no time. Nothing that is older than the job, or of our own session, is touched. Never throws.
 */
export const endStragglers = async (trace: Trace): Promise<void> => {
  const end = performance.now() + LIMIT_MS
  for (let unseen = 0; unseen < LOOKS && performance.now() < end; await sleep(PAUSE_MS)) {
    const left = stragglers(trace)
    left.forEach(endNow)
    unseen = left.length === 0 ? unseen + 1 : 0
  }
}

/** Ends what of a job can be found now, while it is known who started whom. Never throws. */
export const endFamily = (trace: Trace): void => stragglers(trace).forEach(endNow)

/** What of a job still runs, as what can be killed: groups of which all is the job's, each as a negative number, and processes. */
const stragglers = (trace: Trace): number[] => {
  const all = pids()
    .flatMap((pid) => look(pid) ?? [])
    .filter(({ ended }) => !ended)
  const ours = all.find(({ pid }) => pid === process.pid)?.session
  const known = new Set<number>()
  const younger = all.filter(({ begun, session }) => begun >= trace.begun && session !== ours)
  for (const each of younger) if (isOf(each, trace)) known.add(each.pid)
  for (let found = younger; found.length > 0;) {
    found = younger.filter(({ pid, parent }) => known.has(parent) && !known.has(pid))
    for (const { pid } of found) known.add(pid)
  }
  const shared = new Set(all.filter(({ pid }) => !known.has(pid)).map(({ group }) => group))
  const groups = new Set(all.filter(({ pid, group }) => known.has(pid) && group > 1 && !shared.has(group)).map(({ group }) => -group))
  return [...groups, ...known]
}

/** Undefined for what is not there. */
const look = (pid: number): Seen | undefined => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1') // a name may hold brackets and blanks
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [parent, group, session, begun] = [fields[1], fields[2], fields[3], fields[19]].map(Number)
    if (parent === undefined || group === undefined || session === undefined || begun === undefined) return undefined
    return { pid, parent, group, session, begun, ended: /[ZX]/.test(fields[0] ?? '') }
  } catch {
    return undefined
  }
}

const isOf = ({ pid, group, session }: Seen, trace: Trace): boolean =>
  group === trace.pid ||
  session === trace.pid ||
  pipesOf(pid).some((pipe) => trace.pipes.has(pipe)) ||
  (trace.home !== undefined && homesOf(pid).includes(trace.home))

/** The pipes and sockets that a process holds; none of one that this user may not look into. */
const pipesOf = (pid: number): string[] => {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => pipeAt(pid, descriptor))
  } catch {
    return []
  }
}

const pipeAt = (pid: number, descriptor: string | number): string[] => {
  try {
    const target = readlinkSync(`/proc/${pid}/fd/${descriptor}`)
    return /^(?:socket|pipe):/.test(target) ? [target] : []
  } catch {
    return [] // closed meanwhile
  }
}
