import { execFile, execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { TOOLS } from '../support/command-line.ts'
import { copyWithLibraries, makeRoot, writeFiles } from '../support/scratch/root.ts'
import { docker, makeImage } from './engine.ts'

const exec = promisify(execFile)

/** Of an image of kscan that was built here. */
export const JOB_IMAGE = 'kscan-test/kscan:dev'
const BASE = 'kscan-test/base:dev'
const NODE = 'kscan-test/node:dev'

/** What every stage inherits of the base, so that what a build leaves untagged is known. */
const LABEL = 'kscan-test=job-image'

/** What the image is made of is not to be had here: the bases are this machine's programs, and the auditor is the one that `npm test` has fetched and verified. */
export const buildJobImage = async (): Promise<void> => {
  const work = mkdtempSync(join(tmpdir(), 'kscan-kind-image-'))
  try {
    makeImage(BASE, base(join(work, 'base')), ['ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', `LABEL ${LABEL}`])
    makeImage(NODE, node(join(work, 'node')))
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  const given = [`BASE=${BASE}`, `NODE=${NODE}`, 'VERSION=1.2.3', 'REVISION=0123abc'].flatMap((each) => ['--build-arg', each])
  await exec('docker', ['build', '--quiet', '--file', 'image/Dockerfile', '--tag', JOB_IMAGE, ...given, '.'])
}

export const removeJobImage = async (): Promise<void> => {
  await docker('rmi', JOB_IMAGE, BASE, NODE)
  await docker('image', 'prune', '--force', '--filter', `label=${LABEL}`)
}

const node = (root: string): string => {
  mkdirSync(join(root, 'usr', 'local', 'bin'), { recursive: true })
  cpSync(process.execPath, join(root, 'usr', 'local', 'bin', 'node'))
  return root
}

const PROGRAMS = [
  'sh',
  'cat',
  'chmod',
  'env',
  'find',
  'git',
  'id',
  'ln',
  'ls',
  'mkdir',
  'prlimit',
  'rm',
  'ruby',
  'setpriv',
  'sleep',
  'stat',
  'uname',
  'unshare'
]

/** With a package manager that has nothing to do: all is there. */
const base = (root: string): string => {
  makeRoot(root, PROGRAMS)
  copyWithLibraries(root, process.execPath) // its libraries are what counts: the program stands at another place
  copyRuby(root)
  cpSync(join(TOOLS, 'kscan', 'auditor'), join(root, 'opt/kscan/cache/kscan/auditor'), { recursive: true })
  writeFiles(root, {
    '/etc/passwd': ['root:x:0:0:root:/root:/bin/sh\n'],
    '/etc/group': ['root:x:0:\n'],
    '/etc/os-release': ['ID=debian\nVERSION_ID="13"\n'],
    '/usr/bin/apt-get': ['#!/bin/sh\n', 0o755]
  })
  return root
}

const copyRuby = (root: string): void => {
  const told = execFileSync('ruby', ['-e', 'puts RbConfig::CONFIG.values_at("rubylibdir", "rubyarchdir", "vendordir")'], { encoding: 'utf8' })
  for (const folder of told.trim().split('\n')) cpSync(folder, join(root, folder), { recursive: true })
  for (const library of globSync('**/*.so', { cwd: root })) copyWithLibraries(root, join('/', library))
}
