import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from '@jest/globals'
import { orphansOf } from '../../../src/auditor/orphans.ts'

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
