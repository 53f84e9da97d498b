import { ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import type { ForeignTools, Words } from '../session/foreign-shell.ts'
import type { Lender } from './ephemeral-container.ts'

/**
 * Tools that an image other than the toolbox may lend: what they say rests on their operands alone. Not those that ask for processes, packages or programs
 * (ps, dpkg, which), that start others (xargs), or that are scripts in common images (egrep).
 */
const NAMES = (
  'awk base64 basename cat cksum cmp comm cut date df diff dirname env expr find getent grep head id join ls md5sum mawk mount gawk nl od paste printenv readlink realpath sed ' +
  'seq sha1sum sha256sum sha512sum sort stat sysctl tac tail tr uname uniq wc'
).split(' ')

/** busybox knows fewer options than profiles use, and what a filter then does not print may pass for nothing found: it lends what has none. */
const OF_BUSYBOX: ReadonlySet<string> = new Set(['cat', 'env', 'getent', 'id', 'printenv', 'readlink', 'stat', 'uname'])

/** Shell code that sets `kscan_p` to each process of this container but this shell. */
const OTHERS = 'for kscan_p in /proc/[0-9]*; do [ "${kscan_p#/proc/}" != $$ ] && [ "$kscan_p/ns/mnt" -ef /proc/self/ns/mnt ] || continue'

/** Waits, in an image of which nothing is known but that it has this program. */
export const foreignCommand = (seconds: number | 'SECONDS'): readonly string[] => ['sleep', String(seconds)]

/** Ends what waits. */
export const FOREIGN_END = ['sh', '-c', `kscan_f=; ${OTHERS}; kill -9 "\${kscan_p#/proc/}" && kscan_f=1; done; [ -n "$kscan_f" ]`] as const

/** Says, one thing a line, which process waits, where the loader and its libraries are, and which tools there are. */
export const FOREIGN_LOOK = [
  'sh',
  '-c',
  `${OTHERS}; read -r kscan_line <"$kscan_p/stat" || continue; set -- \${kscan_line##*) }; echo "lender \${kscan_p#/proc/} \${20}"; done
kscan_loader=
for kscan_f in /lib64/ld-linux-*.so.* /lib/ld-linux-*.so.*; do [ -x "$kscan_f" ] && kscan_loader=$(readlink -f "$kscan_f") && echo "loader $kscan_loader" && break; done
for kscan_f in /lib/*-linux-gnu /usr/lib/*-linux-gnu /lib64 /usr/lib64 /lib /usr/lib; do [ -d "$kscan_f" ] && echo "folder $(readlink -f "$kscan_f")"; done
IFS=:
for kscan_n in ${['sh', ...NAMES].join(' ')}; do
for kscan_d in $PATH; do [ -x "$kscan_d/$kscan_n" ] || continue
kscan_f=$(readlink -f "$kscan_d/$kscan_n")
if [ -n "$kscan_loader" ] && "$kscan_loader" --list "$kscan_f" >/dev/null 2>&1; then echo "loaded $kscan_n $kscan_f"
else echo "other $kscan_n $kscan_f"; fi; break; done; done`
] as const

/** What a helper lends, and the process by which it is reached. */
export interface ForeignHelper extends ForeignTools {
  readonly lender: Lender
}

/** Reads what a helper said to FOREIGN_LOOK. Throws HELPER_FAILED. */
export const foreignTools = (said: string): ForeignHelper => {
  const lines = said.split('\n').map((line) => line.split(' '))
  /** A path with a blank in it makes more words of a line, and is none that could be lent. */
  const all = (kind: string, words = 1): string[][] => lines.filter(([first, ...rest]) => first === kind && rest.length === words).map(([, ...rest]) => rest)
  const [[pid = '', start = ''] = [], ...more] = all('lender', 2)
  if (!/^\d+$/.test(pid) || !/^\d+$/.test(start) || more.length > 0) throw unlike(said, 'its process could not be found')
  const root = `/proc/${pid}/root`
  const folders = all('folder').flatMap(([folder = '']) => (PATH.test(folder) ? [`${root}${folder}`] : []))
  const [[loader = ''] = []] = all('loader')
  const loaded = all('loaded', 2).flatMap(([name = '', file = '']) =>
    PATH.test(loader) && PATH.test(file) && isItself(name, file)
      ? [[name, [`${root}${loader}`, '--library-path', folders.join(':'), `${root}${file}`]] as const]
      : []
  )
  const applets = all('other', 2).flatMap(([name = '', file = '']) =>
    PATH.test(file) && file.endsWith('/busybox') && (name === 'sh' || OF_BUSYBOX.has(name)) ? [[name, [`${root}${file}`, name]] as const] : []
  )
  const tools = new Map<string, Words>([...applets, ...loaded].filter(([name]) => name === 'sh' || NAMES.includes(name)))
  const [sh, cat] = [tools.get('sh'), tools.get('cat')]
  if (sh === undefined || cat === undefined) throw unlike(said, 'it has no sh and cat that a glibc of its own can load, and no static busybox')
  tools.delete('sh')
  return { lender: { pid: Number(pid), start }, sh, cat, tools }
}

/** Without signs that mean something to a shell or a library path. */
const PATH = /^\/[\w.+/-]+$/

/** A program that is told by its name what to be would not know it, but for those that are one thing alone. */
const isItself = (name: string, file: string): boolean =>
  file.endsWith(`/${name}`) || (name === 'sh' && /\/(?:dash|bash)$/.test(file)) || (name === 'awk' && /\/[gm]awk$/.test(file))

const unlike = (said: string, why: string): ScanError =>
  new ScanError('HELPER_FAILED', `The helper-image is not the toolbox, and cannot lend a shell: ${why} (it said: ${printableLine(said, 200)})`, {
    hint: 'Use the toolbox, an image with glibc, sh, cat and readlink (debian, ubuntu, ubi), or one with a static busybox.'
  })
