import { UNSEARCHABLE } from '../session/evidence.ts'
import { quoted } from '../session/frame.ts'

/** Metadata of one path, as the plugin's File class wants them. */
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

const FORMAT = '%f %u %g %s %Y %U:%G %C'

/** Ends with UNSEARCHABLE when the deepest folder that can be seen on the way to the path may not be searched: then "not there" is not known. */
const SEARCH =
  `kscan_d=$kscan_p; while case $kscan_d in */*) :;; *) false;; esac; do kscan_d=\${kscan_d%/*}; ` +
  `if [ -d "\${kscan_d:-/}" ]; then [ -x "\${kscan_d:-/}" ] || exit ${UNSEARCHABLE}; break; fi; done`

/** Word before a last program, which takes the shell's place; a shell whose tools are functions of its own sets it to nothing. */
const LAST = '${kscan_exec-exec}'

/**
 * Shell code that answers all of a path's metadata, with GNU and busybox tools alike. Of what is no link, stat's line alone: one write, for each one
 * costs on its way. Of a link and of nothing, a line of two yes/no from the shell's own `test` first; of a link then lstat, stat, and after a zero byte
 * each (names may hold newlines) the link's text and where it leads. Its status is stat's own: 127 when it is missing.
 */
export const factsCode = (path: Uint8Array): Buffer =>
  Buffer.concat([
    Buffer.from('kscan_p='),
    quoted(path),
    Buffer.from(
      `; if [ ! -L "$kscan_p" ]; then [ -e "$kscan_p" ] || { echo 00; ${SEARCH}; exit 0; }; ${LAST} stat -c '${FORMAT}' -- "$kscan_p"; exit; fi; ` +
        `if [ -e "$kscan_p" ]; then echo 11; else echo 10; fi; stat -c '${FORMAT}' -- "$kscan_p"; kscan_s=$?; stat -L -c '${FORMAT}' -- "$kscan_p" || echo; ` +
        `printf '\\0'; readlink -n -- "$kscan_p"; printf '\\0'; readlink -f -n -- "$kscan_p"; exit $kscan_s`
    )
  ])

export const NO_REGULAR_FILE = 66

/** Prints a regular file; status 66 for anything else, UNSEARCHABLE where that is not known. */
export const contentCode = (path: Uint8Array): Buffer =>
  Buffer.concat([
    Buffer.from('kscan_p='),
    quoted(path),
    Buffer.from(`; [ -f "$kscan_p" ] || { ${SEARCH}; exit ${NO_REGULAR_FILE}; }; ${LAST} cat -- "$kscan_p"`)
  ])

/** Statuses of a shell that could not start `stat`; it had seen then that the path is there. */
const NO_STAT = [126, 127]

/** Reads what `factsCode` printed; undefined: it said nothing. */
export const parseFacts = (stdout: Buffer, status: number): FileFacts | undefined => {
  const [head = '', link, real] = stdout.toString('utf8').split('\0')
  const [first = '', own = '', target = ''] = head.split('\n')
  if (/^[01]{2}$/.test(first))
    return { present: first[0] === '1', exists: first[1] === '1', lstat: parseStat(own), stat: parseStat(target), link: link ?? null, real: real ?? null }
  const stat = parseStat(first)
  return stat === null && !NO_STAT.includes(status) ? undefined : { present: true, exists: true, lstat: stat, stat, link: null, real: null }
}

/** An empty file at /.dockerenv, as a container of Docker has it: how profiles know a container (inspec#7340). */
export const DOCKERENV: FileFacts = (() => {
  const stat: Stat = { mode: 0o100755, uid: 0, gid: 0, size: 0, mtime: 0, owner: 'root', group: 'root', selinux: null }
  return { present: true, exists: true, lstat: stat, stat, link: null, real: null }
})()

const parseStat = (line: string): Stat | null => {
  const match = /^([0-9a-f]{1,8}) (\d+) (\d+) (\d+) (-?\d+) ([^:]*):(\S*) ?(.*)$/.exec(line)
  if (match === null) return null
  const [, mode = '', uid, gid, size, mtime, owner = '', group = '', context = ''] = match
  const selinux = ['', '?', '(null)', 'C', '%C'].includes(context) ? null : context
  return { mode: Number.parseInt(mode, 16), uid: Number(uid), gid: Number(gid), size: Number(size), mtime: Number(mtime), owner, group, selinux }
}
