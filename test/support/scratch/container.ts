import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { programPath } from './root.ts'

export interface ContainerOptions {
  /** Its root, as `makeRoot` makes it. */
  readonly root: string
  /** Where the kubelet would keep what belongs to the pod: it shows in the container's mounts. */
  readonly podFolder: string
  readonly name: string
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly readOnly?: boolean
  /** A folder that is mounted at a place of the root. */
  readonly mount?: { readonly from: string; readonly at: string }
}

export interface Container {
  /** What is started here to run a program there. */
  readonly wrap: (argv: readonly string[]) => string[]
  readonly stop: () => void
}

/** As containers have them where nothing is said of capabilities. */
const CAPABILITIES = 'chown,dac_override,fsetid,fowner,mknod,net_raw,setgid,setuid,setfcap,setpcap,net_bind_service,sys_chroot,kill,audit_write'
  .split(',')
  .map((name) => `+${name}`)
  .join(',')
/** By their paths: the variable PATH is the container's. */
const inside = (root: string): string[] => {
  const less = [programPath('setpriv'), '--bounding-set', `-all,${CAPABILITIES}`, '--inh-caps', '-all', '--']
  return [...less, programPath('chroot'), root]
}

/** Its arguments: the root, the pod's folder, the container's name, `ro` or `rw`, what is mounted where, and the command. */
const SET_UP = `set -e
root=$1 pod=$2 name=$3 writable=$4 from=$5 at=$6; shift 6
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
for each in null zero full random urandom tty; do : >>"$root/dev/$each"; mount --bind "/dev/$each" "$root/dev/$each"; done
: >>"$root/dev/termination-log"; mount --bind "$pod/containers/$name/log" "$root/dev/termination-log"
: >>"$root/etc/hosts"; mount --bind "$pod/etc-hosts" "$root/etc/hosts"
if [ -n "$from" ]; then mkdir -p "$root$at"; mount --bind "$from" "$root$at"; mount -o remount,bind,ro "$root$at"; fi
if [ "$writable" = ro ]; then mount -o remount,bind,ro "$root"; fi
echo ready
exec setsid "$@" >/dev/null 2>&1`

/** Starts a container's first process: in user, mount, process, IPC and host name namespaces of its own, which needs no root. Rejects with what refused it. */
export const startContainer = async (options: ContainerOptions): Promise<Container> => {
  const { root, podFolder, name, command, env = {}, readOnly = false, mount } = options
  mkdirSync(join(podFolder, 'containers', name), { recursive: true })
  for (const file of ['etc-hosts', join('containers', name, 'log')]) writeFileSync(join(podFolder, file), '')
  const place = [root, podFolder, name, readOnly ? 'ro' : 'rw', mount?.from ?? '', mount?.at ?? '']
  const variables = Object.entries(env).map(([key, value]) => `${key}=${value}`)
  const first = [programPath('env'), '-i', ...variables, ...inside(root), ...command]
  const namespaces = ['--user', '--map-root-user', '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child']
  const child = spawn(programPath('unshare'), [...namespaces, 'sh', '-c', SET_UP, 'sh', ...place, ...first], { stdio: ['ignore', 'pipe', 'pipe'] })
  await ready(child)
  const pid = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim()
  const enter = [programPath('nsenter'), '--target', pid, '--user', '--preserve-credentials', '--mount', '--pid', '--ipc', '--uts', '--']
  return {
    wrap: (argv) => [...enter, ...inside(root), ...argv],
    stop: () => void child.kill('SIGKILL')
  }
}

const ready = (child: ChildProcessByStdio<null, Readable, Readable>): Promise<void> =>
  new Promise((resolve, reject) => {
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    child.stdout.once('data', () => resolve())
    child.once('error', reject)
    child.once('exit', () => reject(new Error(said.trim())))
  })
