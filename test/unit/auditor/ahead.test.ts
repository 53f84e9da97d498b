import { expect, test } from '@jest/globals'
import { askAhead } from '../../../src/auditor/ahead.ts'
import type { CommandOutcome } from '../../../src/session/command.ts'

/** A target whose every answer is how many commands it has run. */
const counting = (): { run: (command: Uint8Array) => Promise<CommandOutcome>; ran: string[] } => {
  const ran: string[] = []
  const run = (command: Uint8Array): Promise<CommandOutcome> => {
    ran.push(Buffer.from(command).toString())
    return Promise.resolve({ kind: 'done', stdout: Buffer.from(String(ran.length)), stderr: Buffer.alloc(0), status: 0 })
  }
  return { run, ran }
}

test('what was asked ahead is answered once, without asking again', async () => {
  const { run, ran } = counting()
  const ask = askAhead(run, 1000)
  const before = ran.length
  const at = ran.indexOf('uname -s') + 1
  expect(await ask(Buffer.from('uname -s'), 1000)).toMatchObject({ stdout: Buffer.from(String(at)) })
  expect(ran).toHaveLength(before)
  await ask(Buffer.from('uname -s'), 1000)
  expect(ran).toHaveLength(before + 1)
})

test('after any other command nothing of it counts any more', async () => {
  const { run, ran } = counting()
  const ask = askAhead(run, 1000)
  await ask(Buffer.from('touch /etc/debian_version'), 1000)
  await ask(Buffer.from('test -f /etc/debian_version'), 1000)
  expect(ran.slice(-2)).toEqual(['touch /etc/debian_version', 'test -f /etc/debian_version'])
})
