import { randomInt } from 'node:crypto'
import { chmodSync, lchownSync, lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** No user, service or container has ids of this range (systemd calls it unused). */
const FIRST = 0x7000_0000
const COUNT = 0x0fff_fff0

/** Whether we may start programs as users that own nothing on this machine: root may, where such ids are mapped. */
export const hasStrangers = (): boolean => process.getuid?.() === 0 && mapped(FIRST) && mapped(FIRST + COUNT)

const mapped = (id: number): boolean => {
  try {
    const ranges = readFileSync('/proc/self/uid_map', 'utf8').trim().split('\n')
    return ranges.map((line) => line.trim().split(/\s+/).map(Number)).some(([first = 0, , count = 0]) => id >= first && id < first + count)
  } catch {
    return false
  }
}

/** The id of a user, or of a group, that owns nothing, another one each time. */
export const newStranger = (): number => FIRST + randomInt(COUNT)

/**
 * What starts a program as that user, without any rights; the group is that of a run. The kernel forgets at a change of the user that a process is to end with
 * the one that started it.
 */
export const asStranger = (user: number, group: number): string[] => [
  'setpriv',
  `--reuid=${user}`,
  `--regid=${group}`,
  '--clear-groups',
  '--pdeathsig=keep',
  ...RIGHTLESS,
  '--'
]

/** Nothing that a program starts gets rights back. */
export const RIGHTLESS = ['--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'] as const

/** Gives a folder and all in it to that user; links are not followed. */
export const giveTo = (id: number, path: string): void => {
  if (lstatSync(path).isSymbolicLink()) return
  lchownSync(path, id, id)
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) giveTo(id, join(path, name))
}

/** The stranger to whom a folder was given; undefined for any other owner. */
export const strangerOf = (folder: string): number | undefined => {
  const uid = lstatSync(folder, { throwIfNoEntry: false })?.uid ?? 0
  return uid >= FIRST && uid < FIRST + COUNT ? uid : undefined
}

/** Lets others go through a folder of ours to what is theirs, not look into it. */
export const letThrough = (folder: string): void => chmodSync(folder, 0o711)

/** What ends all processes of that user: at once, so that none escapes by starting others. */
export const endAllOf = (id: number): string[] => [...asStranger(id, id), 'sh', '-c', 'kill -9 -1']
