import { quoted } from '../session/frame.ts'
import { SEPARATOR } from '../session/reading.ts'

/** Metadata of one path, as the plugin's File class wants them. Texts are bytes, one character each: names hold whatever they like. */
export interface Stat {
  /** Type and permission bits, as stat(2) gives them. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly size: number
  /** Seconds since 1970. */
  readonly mtime: number
  readonly owner: string
  readonly group: string
  readonly selinux: string | null
}

export interface FileFacts {
  /** Of the path itself, a link not followed. */
  readonly present: boolean
  /** Of what a link leads to. */
  readonly exists: boolean
  readonly lstat: Stat | null
  readonly stat: Stat | null
  readonly link: string | null
  readonly real: string | null
}

/** Shell code that answers all of a path's metadata. */
export const factsCode = (path: Uint8Array): Buffer => Buffer.concat([Buffer.from('kscan_facts '), quoted(path)])

/** Shell code that prints a regular file. */
export const contentCode = (path: Uint8Array): Buffer => Buffer.concat([Buffer.from('kscan_content '), quoted(path)])

/** Statuses of a shell that could not start `stat`; it had seen then that the path is there. */
const NO_STAT: ReadonlySet<number> = new Set([126, 127])

/** Reads what `factsCode` printed (see src/session/reading.ts); undefined: it said nothing. */
export const parseFacts = (stdout: Buffer, status: number): FileFacts | undefined => {
  const [head = '', target = '', link, real] = stdout.toString('latin1').split('\0')
  const [, present, exists, own = ''] = /^([01])([01])\n(.*)$/s.exec(head) ?? []
  if (present !== undefined)
    return { present: present === '1', exists: exists === '1', lstat: parseStat(own), stat: parseStat(target), link: link ?? null, real: real ?? null }
  const stat = parseStat(head)
  return stat === null && !NO_STAT.has(status) ? undefined : { present: true, exists: true, lstat: stat, stat, link: null, real: null }
}

/** An empty file at /.dockerenv, as a container of Docker has it: how profiles know a container (inspec#7340). */
export const DOCKERENV: FileFacts = (() => {
  const stat: Stat = { mode: 0o100755, uid: 0, gid: 0, size: 0, mtime: 0, owner: 'root', group: 'root', selinux: null }
  return { present: true, exists: true, lstat: stat, stat, link: null, real: null }
})()

const parseStat = (said: string): Stat | null => {
  const [numbers = '', owner, group, last, ...more] = said.split(SEPARATOR)
  const match = /^([0-9a-f]{1,8}) (\d+) (\d+) (\d+) (-?\d+)$/.exec(numbers)
  if (match === null || owner === undefined || group === undefined || !last?.endsWith('\n') || more.length > 0) return null
  const [, mode = '', uid, gid, size, mtime] = match
  const context = last.slice(0, -1)
  const selinux = ['', '?', '(null)', 'C', '%C'].includes(context) ? null : context
  return { mode: Number.parseInt(mode, 16), uid: Number(uid), gid: Number(gid), size: Number(size), mtime: Number(mtime), owner, group, selinux }
}
