import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { plant, PLANTED_ENV } from '../../test/support/scratch/planted.ts'
import { makeRoot, writeFiles } from '../../test/support/scratch/root.ts'
import { hasToolbox, toolboxFolder } from '../../test/support/toolbox-folder.ts'
import { say, slowly } from './place.ts'

const SHELL = ['sh', 'cat', 'env', 'find', 'grep', 'id', 'ls', 'mkfifo', 'readlink', 'setsid', 'sleep', 'stat', 'tr', 'uname', 'wc']
const WAIT = ['sh', '-c', 'sleep 1000000 & wait']
const MEMORY = '/sys/fs/cgroup/memory.max'

export interface Pod {
  readonly name: string
  readonly programs: readonly string[]
  readonly command: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly fill: (root: string) => void
  /** The folder of the toolbox, which lends a shell; only of the one without. */
  readonly toolbox?: string
}

/** A container of few faults, of an image with a shell. */
const WEB: Pod = {
  name: 'web',
  programs: SHELL,
  command: WAIT,
  fill: (root) =>
    writeFiles(root, {
      '/etc/passwd': ['root:x:0:0:root:/root:/bin/sh\nweb:x:101:101::/nonexistent:/usr/sbin/nologin\n'],
      '/etc/group': ['root:x:0:\nweb:x:101:\n'],
      '/etc/os-release': ['PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\nVERSION_ID="13"\n'],
      [MEMORY]: ['134217728\n']
    })
}

const PLANTED: Pod = {
  name: 'planted',
  programs: SHELL,
  command: ['sh', '-c', 'umask 0; sshd --password=planted & wait'],
  env: PLANTED_ENV,
  fill: (root) => {
    plant(root)
    writeFiles(root, { [MEMORY]: ['max\n'] })
  }
}

/** Without a shell: of its own it has one program and what that loads. */
const bare = (toolbox: string): Pod => ({
  name: 'bare',
  programs: ['sleep'],
  command: ['sleep', '1000000'],
  fill: (root) =>
    writeFiles(root, {
      '/etc/passwd': ['root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532::/home/nonroot:/sbin/nologin\n'],
      '/etc/group': ['root:x:0:\nnonroot:x:65532:\n'],
      '/etc/os-release': ['PRETTY_NAME="Distroless"\nID=debian\nVERSION_ID="13"\n'],
      [MEMORY]: ['67108864\n']
    }),
  toolbox
})

/** The third only where the toolbox is, or can be built. */
export const readyPods = async (): Promise<readonly Pod[]> => {
  const pods = [WEB, PLANTED]
  try {
    const toolbox = hasToolbox() ? toolboxFolder() : await slowly('Building the toolbox, which lends a shell to containers without one', toolboxFolder)
    return [...pods, bare(toolbox)]
  } catch {
    say('The container without a shell is left out: the toolbox that lends one cannot be built here. It takes Debian with gcc, make, patch, perl and binutils.')
    return pods
  }
}

/** The root of its container. */
export const rootOf = ({ name, programs, fill }: Pod, folder: string): string => {
  const root = join(folder, name, 'root')
  mkdirSync(root, { recursive: true })
  makeRoot(root, programs)
  fill(root)
  return root
}

export const variablesOf = ({ name, env }: Pod): Readonly<Record<string, string>> => ({
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOSTNAME: name,
  ...env
})
