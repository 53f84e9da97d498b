import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isBelow } from '../../kernel/below.ts'
import { messageOf, ScanError } from '../../kernel/error.ts'
import { type IsolationKind, ISOLATIONS } from '../../kernel/isolation.ts'
import { printableLine } from '../../kernel/name.ts'
import { endCgroup, enter, findCgroupParent, makeCgroup, removeCgroup } from '../../process/cgroup.ts'
import { type Ended, type Job, run } from '../../process/run.ts'
import { MEANS, type Program, type Room, type Wrapped } from './means.ts'
import { copyFor, partsOf, reachableByAll, readableByAll } from './readable.ts'
import { endAllOf, giveTo, hasStrangers, letThrough, newStranger } from './stranger.ts'
import type { Needs } from './view.ts'

/** How foreign code runs: what it sees, and what it may do. */
export interface Isolation {
  readonly kind: IsolationKind
  /** What that means, for people; one line. */
  readonly says: string
  /** Where a path of the task is found: elsewhere, where it was copied. */
  readonly at: (path: string) => string
  /** Runs a program in it; `own` is the folder that it may write to. All that it started has ended when this resolves. */
  readonly run: (job: Job, own: string) => Promise<Ended>
}

/** What is to be isolated. */
export interface Task {
  /** For people: `the auditor`. */
  readonly what: string
  readonly wish: IsolationKind | 'auto'
  readonly needs: Omit<Needs, 'own' | 'data'>
  /** Files and folders that may as well lie elsewhere: a user who cannot read one gets a copy of it and of those that are to lie beside it. Not executed. */
  readonly data: readonly (readonly string[])[]
  /** Must end with status 0 within. */
  readonly probe: Program
  /** What has to be around the program where the isolation makes no file system for it. */
  readonly outside?: (program: Program) => Program
  readonly env: Readonly<Record<string, string>>
  /** A private folder of the run; a real path. */
  readonly folder: string
  readonly plugin: string
  /** Seconds of processor time that a process may take. */
  readonly seconds: number
  readonly signal: AbortSignal
}

const PROBE_MS = 15_000
const HINT =
  'Install bubblewrap, or let this user make user namespaces: see kernel.apparmor_restrict_unprivileged_userns (0), kernel.unprivileged_userns_clone (1) and user.max_user_namespaces (not 0) of sysctl, and the security options of a container. With isolation: auto the strongest that works is taken.'

/**
 * The strongest isolation of the task that this machine allows, each tried, or the one that was asked for. Throws ISOLATION_FAILED when that cannot be had,
 * the signal's reason when aborted.
 */
export const chooseIsolation = async (task: Task): Promise<Isolation> => {
  const reasons: string[] = []
  const cgroups = await findCgroups(task)
  task.signal.throwIfAborted()
  for (const kind of task.wish === 'auto' ? ISOLATIONS : [task.wish]) {
    const tried = await consider(kind, { task, parent: cgroups.parent })
    task.signal.throwIfAborted()
    if (typeof tried !== 'string') return { ...tried, says: [tried.says, cgroups.says, ...reasons.map((reason) => `not ${reason}`)].join('; ') }
    reasons.push(task.wish === 'auto' ? `${kind}: ${tried}` : tried)
  }
  throw new ScanError('ISOLATION_FAILED', `The isolation ${task.wish} does not work for ${task.what} here: ${reasons.join('; ')}`, { hint: HINT })
}

interface Cgroups {
  /** Where they are made; undefined where none can be. */
  readonly parent: string | undefined
  readonly says: string
}

/** By it those of a run are found that was killed. */
const cgroupName = ({ folder }: Task): string => basename(folder)

const findCgroups = async (task: Task): Promise<Cgroups> => {
  const start = async (program: Program): Promise<boolean> => (await run({ ...program, env: task.env, timeout: PROBE_MS })).exitCode === 0
  const found = await findCgroupParent(cgroupName(task), start)
  return typeof found === 'string' ? { parent: undefined, says: `no cgroup: ${found}` } : { parent: found.parent, says: `cgroup: ${found.says}` }
}

/** That isolation, or why it cannot be had. */
const consider = async (kind: IsolationKind, { task, parent }: Pick<Setting, 'task' | 'parent'>): Promise<Isolation | string> => {
  const lack = MEANS[kind].lack()
  if (lack !== undefined) return lack
  const room: Room = { root: join(task.folder, 'root'), plugin: task.plugin, group: newStranger() }
  mkdirSync(room.root, { recursive: true, mode: 0o700 })
  const own = mkdtempSync(join(task.folder, 'try-'))
  try {
    const isolation = isolationOf(kind, { task, room, parent, moved: moveUnreadable(kind, { task, room }) })
    return kind === 'none' ? isolation : ((await refusal(isolation, { task, own })) ?? isolation)
  } catch (error) {
    return messageOf(error) // such as a file that is gone, or a folder that nobody may read
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
}

interface Setting {
  readonly task: Task
  readonly room: Room
  /** The cgroup in which each program gets one. */
  readonly parent: string | undefined
}

const copies = (task: Task): string => join(task.folder, 'copies')

/** What the other user cannot read, he gets as a copy. */
const moveUnreadable = (kind: IsolationKind, { task, room }: Pick<Setting, 'task' | 'room'>): ReadonlySet<string> => {
  if (kind === 'none' || !hasStrangers()) return new Set()
  const isThere = (path: string): boolean => (kind === 'user' ? readableByAll(path) && reachableByAll(realpathSync(path)) : partsOf(path).every(readableByAll))
  const moved = task.data.flatMap((group) => (group.every(isThere) ? [] : group))
  rmSync(copies(task), { recursive: true, force: true }) // of a means that was tried before
  for (const path of moved.filter((each) => !moved.some((other) => other !== each && isBelow(each, other)))) copyFor(room.group, path, copies(task))
  return new Set(moved)
}

const isolationOf = (kind: IsolationKind, setting: Setting & { moved: ReadonlySet<string> }): Isolation => {
  const { task, moved } = setting
  const at = (path: string): string => ([...moved].some((each) => isBelow(path, each)) ? copies(task) + path : path)
  return {
    kind,
    says: MEANS[kind].says,
    at,
    run: async (job, own) => {
      const { stranger, ...program } = wrap(kind, { program: surrounded(kind, { file: at(job.file), args: job.args.map(at) }, task), own, setting })
      if (stranger === undefined) return await runGrouped({ cwd: own, ...job, ...program }, setting)
      if (kind === 'user') letThrough(task.folder)
      giveTo(stranger, own)
      const ended = await runGrouped({ cwd: own, ...job, ...program }, setting)
      await endAll(stranger, task.env)
      return ended
    }
  }
}

const surrounded = (kind: IsolationKind, program: Program, { outside }: Task): Program =>
  outside === undefined || kind === 'bwrap' || kind === 'namespaces' ? program : outside(program)

/** In a cgroup of its own, where there can be one. */
const runGrouped = async (job: Job, { task, parent }: Setting): Promise<Ended> => {
  if (parent === undefined) return await run(job)
  const group = makeCgroup(parent, cgroupName(task))
  try {
    return await run({ ...job, ...enter(group, job), endAll: () => endCgroup(group.folder) })
  } finally {
    await removeCgroup(group.folder)
  }
}

/** A process can leave everything by which it is known but its user, and its cgroup where there is one. */
const endAll = async (stranger: number, env: Task['env']): Promise<void> => {
  const [file = '', ...args] = endAllOf(stranger)
  await run({ file, args, env, timeout: PROBE_MS })
}

const wrap = (
  kind: IsolationKind,
  { program, own, setting }: { program: Program; own: string; setting: Setting & { moved: ReadonlySet<string> } }
): Wrapped => {
  const { task, room, moved } = setting
  const left = task.data.flat().filter((path) => !moved.has(path))
  const data = [...(hasStrangers() ? left.flatMap(partsOf) : left), ...(moved.size === 0 ? [] : [copies(task)])]
  return MEANS[kind].wrap(program, { ...task.needs, data, own }, { seconds: task.seconds, room })
}

/** Why it does not hold, seen from inside, or does not start the program; undefined when all is well. */
const refusal = async (isolation: Isolation, { task, own }: { task: Task; own: string }): Promise<string | undefined> => {
  const canary = join(task.folder, 'canary')
  writeFileSync(canary, 'not for it', { mode: 0o600 })
  const { file, args } = task.probe
  const job = { file: '/bin/sh', args: [join(task.plugin, 'holds.sh'), isolation.kind, String(process.pid), canary, file, ...args] }
  const ended = await isolation.run({ ...job, env: { ...task.env, HOME: own }, timeout: PROBE_MS, signal: task.signal }, own)
  return ended.reason === 'exited' && ended.exitCode === 0 ? undefined : complaint(ended)
}

const complaint = (ended: Ended): string => {
  if (ended.reason === 'timed-out') return 'it did not answer in time'
  if (ended.error !== undefined)
    return 'path' in ended.error && /ENOENT/.test(ended.error.message) ? `${String(ended.error.path)} is not installed` : ended.error.message
  const [, missing] = NOT_FOUND.exec(ended.stderr) ?? []
  if (missing !== undefined) return `${missing} is not installed`
  const [first = ''] = (ended.stderr.trim() || ended.stdout.trim() || `it ended with ${ended.exitCode ?? ended.signal}`).split('\n')
  return printableLine(first, 200)
}

/** Of the shell that enters a cgroup. */
const NOT_FOUND = /exec: (?:line \d+: )?(\S+): not found$/m
