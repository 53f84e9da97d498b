import { expect, test } from '@jest/globals'
import type { CommandOutcome } from '../../../src/session/command.ts'
import { greetingLines, ofContainer } from '../../../src/session/greeting.ts'
import type { StreamEnd } from '../../../src/session/stream.ts'

const LOST: CommandOutcome = { kind: 'lost', message: 'gone' }
const START = 'error executing command in container: OCI runtime exec failed: exec failed: unable to start container process: '

test.each<[what: string, end: StreamEnd | undefined]>([
  ['the shell ended', { kind: 'exited', code: 127 }],
  ['runc found no shell', { kind: 'failed', message: `${START}exec: "/bin/sh": stat /bin/sh: no such file or directory` }],
  ['crun found no shell', { kind: 'failed', message: 'executable file `/bin/sh` not found: No such file or directory' }],
  ['the shell may not be run', { kind: 'failed', message: `${START}exec: "/bin/sh": permission denied` }],
  ['the shell is for another architecture', { kind: 'failed', message: `${START}exec format error` }]
])('%s: the container has none', (_what, end) => expect(ofContainer(LOST, end)).toBe(LOST))

test.each<[what: string, end: StreamEnd | undefined]>([
  ['the connection broke', { kind: 'lost', message: 'the connection closed (code 1006)' }],
  ['nothing came in time', undefined],
  ['the container had stopped', { kind: 'failed', message: `${START}cannot exec in a stopped container` }]
])('%s: nothing is known of a shell', (_what, end) => expect(() => ofContainer(LOST, end)).toThrow(expect.objectContaining({ code: 'SESSION_FAILED' })))

test('the words for a shell that is not there are short', () => {
  const outcome: CommandOutcome = { kind: 'lost', message: `${START}exec: "/bin/sh": stat /bin/sh: no such file or directory` }
  expect(() => greetingLines(outcome, { fails: 'It does not start', needs: 'a shell' })).toThrow(
    'It does not start: exec: "/bin/sh": stat /bin/sh: no such file or directory'
  )
})
