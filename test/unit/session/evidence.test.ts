import { expect, test } from '@jest/globals'
import { Evidence } from '../../../src/session/evidence.ts'
import { answered } from '../../support/answered.ts'

const long = 'x'.repeat(1024 * 1024)
const printed = answered(0, { stdout: long, stderr: long })
const unseen = answered(0, { unseen: [`r/${long}`] })

/** All of 256 MiB, and so much of what is asked each time: not even its own text need be long. */
test.each<[what: string, ask: (evidence: Evidence) => number, most: number]>([
  ['commands', (evidence) => evidence.recordCommand('id', answered(0)), 262_144],
  ['long commands', (evidence) => evidence.recordCommand(long, answered(0)), 256],
  ['commands that print', (evidence) => evidence.recordCommand('id', printed), 30_000],
  ['commands that say what they could not see', (evidence) => evidence.recordCommand('id', unseen), 256],
  ['long paths', (evidence) => evidence.record(long, undefined), 256]
])('a profile that asks %s without end is stopped', (_what, ask, most) => {
  const evidence = new Evidence()
  let asked = 0
  const askOn = (): void => {
    for (; asked <= most; asked += 1) ask(evidence)
  }
  expect(askOn).toThrow(expect.objectContaining({ code: 'SESSION_FAILED', message: 'The profile asks more than kscan can remember (256 MiB)' }))
  expect([asked > most / 4, asked <= most]).toEqual([true, true])
})
