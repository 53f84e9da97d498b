import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { asStranger, hasStrangers, newStranger } from '../../../src/auditor/isolation/stranger.ts'
import { endOrphans, orphansOf } from '../../../src/auditor/orphans.ts'

test('a process is found by its HOME in the folder of a run, and by no other', async () => {
  const start = (home: string): ReturnType<typeof spawn> => spawn('sleep', ['60'], { env: { ...process.env, HOME: home } })
  const [own, beside] = [start('/nosuch/kscan-abcdefghij/t-1/home'), start('/nosuch/kscan-abcdefghij2/t-1/home')]
  await Promise.all([once(own, 'spawn'), once(beside, 'spawn')])
  try {
    let found: number[] = []
    for (let look = 0; look < 50 && found.length === 0; look += 1) {
      await new Promise((wait) => setTimeout(wait, 20)) // the child takes its variables a moment after it was made
      found = orphansOf('/nosuch/kscan-abcdefghij')
    }
    expect(found).toEqual([own.pid])
  } finally {
    for (const child of [own, beside]) child.kill('SIGKILL')
  }
})

const started: ReturnType<typeof spawn>[] = []
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
})

/** With one folder in it, which belongs to that user. */
const runFolder = (owner: number): string => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-strangers-'))
  mkdirSync(join(folder, 't-1'))
  chownSync(join(folder, 't-1'), owner, owner)
  return folder
}

/** A process of that user by which nothing else is told. */
const startAs = async (user: number | undefined): Promise<ReturnType<typeof spawn>> => {
  const sleeping = ['env', '-i', 'setsid', '/bin/sleep', '60']
  const [program = '', ...args] = user === undefined ? sleeping : asStranger(user, user).concat(sleeping)
  const child = spawn(program, args)
  started.push(child)
  await once(child, 'spawn')
  while (statSync(`/proc/${child.pid}`).uid !== (user ?? process.getuid?.())) await new Promise((wait) => setTimeout(wait, 20))
  return child
}

if (hasStrangers()) {
  test('what runs as the user of a folder of the run is ended, whatever its environment says, and nothing else', async () => {
    const [own, beside] = [newStranger(), newStranger()]
    const folder = runFolder(own)
    const [escaped, other] = [await startAs(own), await startAs(beside)]
    const ended = once(escaped, 'exit')
    endOrphans(folder)
    expect(await ended).toEqual([null, 'SIGKILL'])
    expect([other.exitCode, other.signalCode]).toEqual([null, null])
    rmSync(folder, { recursive: true })
  })
} else {
  test('whoever starts nothing as another user ends nothing that is not of the run', async () => {
    const folder = runFolder(process.getuid?.() ?? 0)
    const other = await startAs(undefined)
    endOrphans(folder)
    await new Promise((wait) => setTimeout(wait, 200))
    expect([other.exitCode, other.signalCode]).toEqual([null, null])
    rmSync(folder, { recursive: true })
  })
}
