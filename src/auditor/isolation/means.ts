import { existsSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { IsolationKind } from '../../kernel/isolation.ts'
import type { Job } from '../../process/run.ts'
import { limited, PRLIMIT } from './limits.ts'
import { asStranger, hasStrangers, newStranger, RIGHTLESS } from './stranger.ts'
import { type Needs, type Place, placesOf } from './view.ts'

export type Program = Pick<Job, 'file' | 'args'>

/** What isolating a program takes of a run. */
export interface Room {
  /** An empty folder; a real path. */
  readonly root: string
  /** Folder of the helper programs. */
  readonly plugin: string
  /** Of the strangers of this run: they may read what is copied for them, and no other user of this machine may. */
  readonly group: number
}

/** A program in its isolation, with the user to whom its folder is to be given, where that is another one. */
export interface Wrapped extends Program {
  readonly stranger: number | undefined
}

interface Means {
  readonly says: string
  /** Why it cannot even be tried. */
  readonly lack: () => string | undefined
  readonly wrap: (program: Program, needs: Needs, options: { readonly seconds: number; readonly room: Room }) => Wrapped
}

const LINUX_ONLY = (): string | undefined => (process.platform === 'linux' ? undefined : 'it is for Linux only')
const HELD = 'its own file system of what it needs, its own processes'

/** All means by name. */
export const MEANS: Readonly<Record<IsolationKind, Means>> = {
  bwrap: { says: `bubblewrap: ${HELD}`, lack: LINUX_ONLY, wrap: (program, needs, options) => inBubblewrap(program, needs, options) },
  namespaces: { says: `namespaces: ${HELD}`, lack: LINUX_ONLY, wrap: (program, needs, options) => inNamespaces(program, needs, options) },
  user: {
    says: 'another user of this machine: no files of ours but those that all may read',
    lack: () => LINUX_ONLY() ?? (hasStrangers() ? undefined : 'only root can start a program as another user'),
    wrap: (program, _, { seconds, room }) => {
      const stranger = newStranger()
      return { ...started([...DIES_WITH_US, ...asStranger(stranger, room.group), ...limited(seconds, { alone: true })], program), stranger }
    }
  },
  none: {
    says: 'none: it can do whatever the user who runs kscan can',
    lack: () => undefined,
    wrap: (program, _, { seconds }) => ({ ...(existsSync(PRLIMIT) ? started(limited(seconds, { alone: false }), program) : program), stranger: undefined })
  }
}

const started = ([file = '', ...args]: readonly string[], program: Program): Program => ({ file, args: [...args, program.file, ...program.args] })

/** By the process that started it, however that ends. */
const DIES_WITH_US = ['setpriv', '--pdeathsig=KILL', '--']

/** Root becomes somebody else: it would stay root to the kernel in a namespace too, whose processes have no limit. Others are root in their namespace only. */
const inNamespaces = (program: Program, needs: Needs, { seconds, room }: { readonly seconds: number; readonly room: Room }): Wrapped => {
  const stranger = hasStrangers() ? newStranger() : undefined
  const own = ['mount', 'pid', 'ipc', 'uts', ...(needs.network ? [] : ['net'])].map((name) => `--${name}`)
  const apart = [...(stranger === undefined ? ['--user', '--map-root-user'] : []), ...own, '--fork', '--kill-child=KILL', '--propagation=private', '--']
  const helper = [
    '/bin/sh',
    join(room.plugin, 'isolate.sh'),
    room.root,
    ...mountsOf(placesOf(needs), { root: room.root, bind: stranger === undefined ? 'rbind' : 'bind' })
  ]
  const first = stranger === undefined ? ['setpriv', ...RIGHTLESS, '--'] : asStranger(stranger, room.group)
  return { ...started([...DIES_WITH_US, 'unshare', ...apart, ...helper, ...first, ...limited(seconds, { alone: true })], program), stranger }
}

/** What isolate.sh wants to know of the places. */
const mountsOf = (places: readonly Place[], below: Below): string[] => {
  const files = places.filter(({ kind, path, from = path }) => kind === 'device' || kind === 'nothing' || (SHOWN.has(kind) && !statSync(from).isDirectory()))
  const links = places.filter(({ kind }) => kind === 'link')
  const folders = places.filter((place) => !files.includes(place) && !links.includes(place))
  const writable = places.filter(({ kind }) => kind === 'own' || kind === 'scratch')
  const lines = (list: readonly Place[], change: (path: string) => string): string => list.map(({ path }) => change(path)).join('\n')
  const mounts = places.flatMap((place) => mountOf(place, below)).join('\n')
  return [`.old\n${lines(folders, inside)}`, lines(files, inside), lines(links, String), mounts, lines(writable, String)]
}

const SHOWN = new Set<Place['kind']>(['program', 'data', 'own'])

const inside = (path: string): string => `.${path}`

interface Below {
  readonly root: string
  /** What is mounted in a folder comes with it only where it must: the kernel does not let others than root take a folder without. */
  readonly bind: 'bind' | 'rbind'
}

/** A line of an fstab; none where nothing is mounted. */
const mountOf = ({ kind, path, from = path }: Place, { root, bind }: Below): string[] => {
  const line = (what: string, type: string, options: string): string[] => [[what, root + path, type, options].map(inFstab).join(' ')]
  switch (kind) {
    case 'folder':
    case 'link':
    case 'scratch':
      return []
    case 'program':
      return line(from, 'none', `${bind},ro,nosuid,nodev${MADE(from)}`)
    case 'data':
      return line(path, 'none', `${bind},ro,nosuid,nodev,noexec${MADE(path)}`)
    case 'own':
      return line(path, 'none', `${bind},nosuid,nodev,noexec,X-mount.mkdir`)
    case 'device':
      return line(path, 'none', 'bind,nosuid,noexec')
    case 'nothing':
      return line('/dev/null', 'none', 'bind,ro')
    case 'empty':
      return line('kscan', 'tmpfs', 'nosuid,nodev,noexec,mode=755')
    case 'proc':
      return line('proc', 'proc', 'nosuid,nodev,noexec')
  }
}

/** A place in a folder that is hidden is made only when that is. */
const MADE = (path: string): string => (statSync(path).isDirectory() ? ',X-mount.mkdir' : '')
const inFstab = (text: string): string => text.replace(/[\s\\#]/g, (sign) => `\\${sign.charCodeAt(0).toString(8).padStart(3, '0')}`)

const inBubblewrap = (program: Program, needs: Needs, { seconds, room }: { readonly seconds: number; readonly room: Room }): Wrapped => {
  const stranger = hasStrangers() ? newStranger() : undefined
  const apart = ['pid', 'ipc', 'uts', ...(needs.network ? [] : ['net']), ...(stranger === undefined ? ['user'] : [])].map((name) => `--unshare-${name}`)
  const rights = ['--cap-drop', 'ALL', ...(stranger === undefined ? [] : CHANGES_USER)]
  const places = placesOf(needs)
  const view = [...places.flatMap(optionOf), ...places.flatMap(({ kind, path }) => (kind === 'empty' ? ['--remount-ro', path] : []))]
  const first = stranger === undefined ? [] : asStranger(stranger, room.group)
  const outer = [
    'bwrap',
    '--die-with-parent',
    ...apart,
    ...rights,
    ...view,
    '--symlink',
    '/proc/self/fd',
    '/dev/fd',
    '--remount-ro',
    '/',
    '--',
    ...first,
    ...limited(seconds, { alone: true })
  ]
  return { ...started(outer, program), stranger }
}

/** Of /tmp, in memory; isolate.sh has it too. */
const SCRATCH_BYTES = String(256 * 1024 * 1024)

/** Held only until it has become that user. */
const CHANGES_USER = ['CAP_SETUID', 'CAP_SETGID', 'CAP_SETPCAP'].flatMap((name) => ['--cap-add', name])

const optionOf = ({ kind, path, from = path }: Place): string[] => {
  switch (kind) {
    case 'folder':
      return ['--dir', path]
    case 'program':
    case 'data':
      return ['--ro-bind', from, path]
    case 'own':
      return ['--bind', path, path]
    case 'device':
      return ['--dev-bind', path, path]
    case 'nothing':
      return ['--ro-bind', '/dev/null', path]
    case 'empty':
      return ['--tmpfs', path]
    case 'scratch':
      return ['--perms', '1777', '--size', SCRATCH_BYTES, '--tmpfs', path]
    case 'proc':
      return ['--proc', path]
    case 'link':
      return ['--symlink', readlinkSync(path), path]
  }
}
