import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeWaiting } from '../e2e/waiting-image.ts'
import { TOOLS } from '../support/command-line.ts'
import { makeRoot, writeFiles } from '../support/scratch/root.ts'
import { toolboxFolder } from '../support/toolbox-folder.ts'
import { IMAGES, makeImage, NODE_IMAGE } from './engine.ts'

const PROGRAMS = ['sh', 'bash', 'cat', 'env', 'find', 'grep', 'id', 'ls', 'mkfifo', 'ps', 'readlink', 'setsid', 'sleep', 'stat', 'tr', 'uname', 'wc']
const FILES = {
  '/etc/passwd': ['root:x:0:0:root:/root:/bin/sh\n'],
  '/etc/group': ['root:x:0:\n'],
  '/etc/os-release': ['ID=debian\nVERSION_ID="13"\n']
} as const

/** The images that the tests scan, made of programs of this machine: nothing can be fetched from here. */
export default (): void => {
  if (!existsSync('dist/cli.js')) throw new Error('dist/ is missing: npm run build')
  if (!existsSync(join(TOOLS, 'kscan', 'auditor'))) throw new Error('the auditor is missing: npm test fetches it')
  execFileSync('docker', ['image', 'inspect', NODE_IMAGE], { stdio: ['ignore', 'ignore', 'inherit'] })
  const work = mkdtempSync(join(tmpdir(), 'kscan-kind-'))
  const make = (name: string, programs: readonly string[]): string => {
    const root = join(work, name)
    makeRoot(root, programs)
    writeFiles(root, FILES)
    return root
  }
  makeImage(IMAGES.debian, make('debian', PROGRAMS), ['CMD ["sleep", "100000"]'])
  makeImage(IMAGES.whole, make('whole', [...PROGRAMS, 'getent']), ['CMD ["sleep", "100000"]'])
  makeWaiting(join(work, 'distroless'))
  makeImage(IMAGES.distroless, join(work, 'distroless'), ['USER 65532:65532', 'ENTRYPOINT ["/app"]'])
  makeImage(IMAGES.toolbox, toolboxFolder())
  rmSync(work, { recursive: true })
}
