import { randomBytes } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isBelow } from '../kernel/below.ts'
import type { Job } from './run.ts'

type Program = Pick<Job, 'file' | 'args'>

/** A control group (cgroup v2) of one program and all that it starts: it bounds them together, and ends them at once, whatever they did to get away. */
export interface Cgroup {
  readonly folder: string
  /** What the whole of it is bounded to, for people. */
  readonly bounds: readonly string[]
}

/** A file of a cgroup, and what is written into it: far more than an audit needs. Where a controller is not handed on there is no such file. */
const BOUNDS = [
  { file: 'memory.max', value: String(4 * 1024 ** 3), says: ['4 GiB of memory'] },
  { file: 'memory.swap.max', value: '0', says: [] },
  { file: 'memory.oom.group', value: '1', says: [] }, // a program of which the kernel ended a part is worth nothing
  { file: 'pids.max', value: '256', says: ['256 processes'] }
]
const COMPLETE = 2

/** A shell adds variables of its own. */
const ENTER = 'echo $$ >"$0/cgroup.procs" && unset PWD OLDPWD SHLVL && exec "$@"'
const PAUSE_MS = 2
const LOOKS = 500

/**
 * The nearest cgroup, our own or one above it, in which this user can make one that bounds the most, or why there is none. What a cgroup hands on to those in it is
 * left as whoever runs this machine has set it. `name`: of those made to try. `start` runs a program, and says whether it ended well.
 */
export const findCgroupParent = async (name: string, start: (program: Program) => Promise<boolean>): Promise<{ parent: string; says: string } | string> => {
  const parents = ownCgroups()
  let best: { parent: string; bounds: readonly string[] } | undefined
  for (const parent of parents) {
    const bounds = best?.bounds.length === COMPLETE ? undefined : await boundsIn(parent, name, start)
    if (bounds !== undefined && bounds.length > (best?.bounds.length ?? -1)) best = { parent, bounds }
  }
  if (best === undefined) return parents.length === 0 ? 'none is seen' : 'this user can make none'
  return {
    parent: best.parent,
    says: best.bounds.length === 0 ? 'it ends all that is left, and bounds nothing' : `${best.bounds.join(' and ')} for all together`
  }
}

/** Undefined where none can be made, entered and removed. */
const boundsIn = async (parent: string, name: string, start: (program: Program) => Promise<boolean>): Promise<readonly string[] | undefined> => {
  try {
    const group = makeCgroup(parent, name)
    const works = await start(enter(group, { file: '/bin/sh', args: ['-c', ':'] }))
    return (await removeCgroup(group.folder)) && works ? group.bounds : undefined
  } catch {
    return undefined
  }
}

/** One whose name begins with this and a hyphen. Throws an Error. */
export const makeCgroup = (parent: string, name: string): Cgroup => {
  const folder = join(parent, `${name}-${randomBytes(4).toString('hex')}`)
  mkdirSync(folder)
  try {
    if (!existsSync(join(folder, 'cgroup.kill'))) throw new Error('before Linux 5.14 a cgroup cannot be ended')
    const there = BOUNDS.filter(({ file }) => existsSync(join(folder, file)))
    for (const { file, value } of there) writeFileSync(join(folder, file), value)
    return { folder, bounds: there.flatMap(({ says }) => says) }
  } catch (error) {
    rmdirSync(folder)
    throw error
  }
}

/** A program that starts in it. */
export const enter = ({ folder }: Cgroup, { file, args }: Program): Program => ({ file: '/bin/sh', args: ['-c', ENTER, folder, file, ...args] })

/** Ends all that is in one. Never throws. */
export const endCgroup = (folder: string): void => ignore(() => writeFileSync(join(folder, 'cgroup.kill'), '1'))

/** Ends all that is in one, and removes it with those in it; the kernel takes a moment. False where it is still there after a second. Never throws. */
export const removeCgroup = async (folder: string): Promise<boolean> => {
  endCgroup(folder)
  for (let look = 0; look < LOOKS; look += 1) {
    for (const each of [...cgroupsBelow(folder).toReversed(), folder]) ignore(() => rmdirSync(each))
    if (!existsSync(folder)) return true
    await sleep(PAUSE_MS)
  }
  return false
}

/** This user's cgroups that `makeCgroup` made under that name, wherever they are. */
export const cgroupsNamed = (name: string): string[] => {
  const top = mounted()?.top
  const isOurs = (folder: string): boolean => lstatSync(folder, { throwIfNoEntry: false })?.uid === process.geteuid?.()
  return top === undefined ? [] : cgroupsBelow(top).filter((folder) => folder.includes(`/${name}-`) && isOurs(folder))
}

/** Each before those in it. */
const cgroupsBelow = (folder: string): string[] => {
  try {
    const inside = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    return inside.flatMap(({ name }) => [join(folder, name), ...cgroupsBelow(join(folder, name))])
  } catch {
    return [] // it is gone, or closed
  }
}

/** The cgroup that we are in and those above it, as far as they are seen. */
const ownCgroups = (): string[] => {
  const { top, root } = mounted() ?? {}
  const own = /^0::(\/.*)$/m.exec(textOf('/proc/self/cgroup'))?.[1]
  if (top === undefined || root === undefined || own === undefined || !isBelow(own, root)) return []
  const upTo = (folder: string): string[] => (isBelow(folder, top) ? [folder, ...upTo(dirname(folder))] : [])
  return upTo(join(top, own.slice(root.length)))
}

/** Where the hierarchy is seen, and which cgroup stands there. */
const mounted = (): { top: string; root: string } | undefined => {
  const [, root, top] = /^\S+ \S+ \S+ (\S+) (\S+) .*? - cgroup2 /m.exec(textOf('/proc/self/mountinfo')) ?? []
  return root === undefined || top === undefined ? undefined : { root, top }
}

const textOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return '' // not Linux
  }
}

const ignore = (work: () => void): void => {
  try {
    work()
  } catch {
    // it is gone, or in use for a moment
  }
}
