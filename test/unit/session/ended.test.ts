import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { CommandOutcome } from '../../../src/session/command.ts'
import { uncollected, uncollectedText } from '../../../src/session/ended.ts'

const said = (stdout: string, kind: 'done' | 'lost' = 'done'): (() => Promise<CommandOutcome>) =>
  kind === 'done'
    ? () => Promise.resolve({ kind, status: 0, stdout: Buffer.from(stdout), stderr: Buffer.alloc(0) })
    : () => Promise.resolve({ kind, message: 'lost' })

test.each<[stdout: string, count: number | undefined]>([
  ['0\n', 0],
  ['17\n', 17],
  ['', undefined],
  ['many\n', undefined],
  ['1\n2\n', undefined]
])('the answer %j is %j', async (stdout, count) => expect(await uncollected(said(stdout))).toBe(count))

test('those are counted that have ended and whose parent is process 1, whatever they are called', async () => {
  const proc = mkdtempSync(join(tmpdir(), 'kscan-proc-'))
  const add = (pid: number, name: string, state: string, parent: number): void => {
    mkdirSync(join(proc, String(pid)))
    writeFileSync(join(proc, String(pid), 'status'), `Name:\t${name}\nUmask:\t0022\nState:\t${state}\nTgid:\t${pid}\nPid:\t${pid}\nPPid:\t${parent}\nUid:\t0\n`)
  }
  add(1, 'sleep', 'S (sleeping)', 0)
  add(7, 'sh', 'Z (zombie)', 1)
  add(8, String.raw`a\nb) S 4 \\c`, 'Z (zombie)', 1)
  add(9, ') Z 1', 'S (sleeping)', 1)
  add(10, 'sh', 'Z (zombie)', 7)
  add(11, 'sh', 'S (sleeping)', 1)
  mkdirSync(join(proc, '12')) // it has gone meanwhile
  const inspect = (code: Uint8Array): Promise<CommandOutcome> => {
    const input = Buffer.from(code).toString().replaceAll('/proc', proc)
    return said(execFileSync('/bin/sh', { input, stdio: ['pipe', 'pipe', 'ignore'] }).toString())()
  }
  expect(await uncollected(inspect)).toBe(2)
  rmSync(proc, { recursive: true })
})

test('who does not answer has not said none', async () => expect(await uncollected(said('', 'lost'))).toBeUndefined())

test.each([
  [1, '1 more ended process in the process list of shop/web/app'],
  [2, '2 more ended processes in the process list of shop/web/app']
])('%i of them is said', (count, words) => expect(uncollectedText('shop/web/app', count)).toContain(words))
