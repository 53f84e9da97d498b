import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, jest, test } from '@jest/globals'
import { z } from 'zod'
import { findOnPath } from '../../src/process/find.ts'
import { cgroupsNamed, findCgroupParent, makeCgroup, removeCgroup } from '../../src/process/cgroup.ts'
import { run } from '../../src/process/run.ts'

jest.setTimeout(180_000)

const start = promisify(execFile)
const program = resolve('test/support/cgroup/groups.ts')
const Came = z.looseObject({ name: z.string() })
const cameOf = (output: string): Record<string, unknown>[] => [...output.matchAll(/^KSCAN(\{.*\})\r?$/gm)].map(([, json = '']) => Came.parse(JSON.parse(json)))

const GONE = { ended: ['exited', 0, null], stdout: '', removed: true, left: [] }
const BOUNDS = '4 GiB of memory and 256 processes for all together'
/** The shell counts too. */
const BOMB = { ended: ['exited', 2, null], stdout: '255', removed: true }
/** With all of it, its shell too. */
const HOG = { ended: ['killed', null, 'SIGKILL'], stdout: '', removed: true }

/** A Linux of its own, for not every machine has a cgroup v2 with controllers. */
const linux = await findOnPath('linux.uml', process.env['PATH'])
if (linux === undefined) {
  test('what a cgroup bounds is tried only where there is User-mode Linux, and there is none here', () => expect(linux).toBeUndefined())
} else {
  test('a cgroup is made where the user may make one, the nearest that bounds the most; it bounds and ends all in it, and is removed', async () => {
    const boots = ['mem=1G', 'root=/dev/root', 'rootfstype=hostfs', 'rootflags=/', 'ro', 'con=null', 'con0=null,fd:1']
    const words = [`init=${resolve('test/support/cgroup/boot.sh')}`, `node=${process.execPath}`, `program=${program}`]
    const { stdout } = await start(linux, [...boots, ...words], {
      env: { PATH: process.env['PATH'], HOME: tmpdir() },
      maxBuffer: 16 * 1024 ** 2,
      timeout: 150_000
    })
    expect(cameOf(stdout)).toEqual([
      { name: 'nothing', parent: '/sys/fs/cgroup', says: 'it ends all that is left, and bounds nothing', escaped: GONE, left: [] },
      { name: 'all', parent: '/sys/fs/cgroup', says: BOUNDS, escaped: GONE, left: [] },
      { name: 'given', parent: '/sys/fs/cgroup/given', says: BOUNDS, escaped: GONE, bomb: BOMB, hog: HOG, left: [] },
      { name: 'foreign', none: 'this user can make none', left: [] },
      { name: 'closed', none: 'this user can make none', left: [] }
    ])
  })
}

const env = { PATH: process.env['PATH'] ?? '' }
const here = await findCgroupParent('kscan-test', async (each) => (await run({ ...each, env })).exitCode === 0)
if (typeof here === 'string') {
  test('where none can be made that is said', () => expect(['none is seen', 'this user can make none']).toContain(here))
} else {
  test('on this machine one ends all in it, and is removed', async () => {
    const { stdout } = await start(process.execPath, [program, 'here'], { env })
    expect(cameOf(stdout)).toEqual([expect.objectContaining({ parent: here.parent, escaped: GONE, left: [] })])
  })

  test('those of a run are found by its name, and no others', async () => {
    const [own, other] = ['kscan-abcdefgh12', 'kscan-abcdefgh123'].map((name) => makeCgroup(here.parent, name).folder)
    expect(cgroupsNamed('kscan-abcdefgh12')).toEqual([own])
    expect(await Promise.all([own ?? '', other ?? ''].map(removeCgroup))).toEqual([true, true])
  })
}
