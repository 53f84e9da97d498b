import { expect, test } from '@jest/globals'
import type { CommandOutcome } from '../../../src/session/command.ts'
import { demandHeadroom, headroomIn } from '../../../src/session/headroom.ts'

const MIB = 1048576
const said = (stdout: string): CommandOutcome => ({ kind: 'done', stdout: Buffer.from(stdout), stderr: Buffer.alloc(0), status: 0 })
const demand = (stdout: string): Promise<void> => demandHeadroom('a/b/c', () => Promise.resolve(said(stdout)))

test.each([
  ['a limit', `${64 * MIB} ${40 * MIB} 0\n`, 24 * MIB],
  ['pages that the kernel gives back', `${64 * MIB} ${60 * MIB} ${30 * MIB}\n`, 34 * MIB],
  ['no limit', `max ${40 * MIB} 0\n`, undefined],
  ['nothing to be seen', '', undefined]
])('of %s', (_what, stdout, left) => expect(headroomIn(stdout)).toBe(left))

test('a container near to its limit is not scanned', async () => {
  await expect(demand(`${64 * MIB} ${58 * MIB} 0\n`)).rejects.toThrow('a/b/c has 6 MiB left until its memory limit; a scan needs 12')
})

test('one that is not, or whose limit is not known, is', async () => {
  await expect(demand(`${64 * MIB} ${52 * MIB} 0\n`)).resolves.toBeUndefined()
  await expect(demand('')).resolves.toBeUndefined()
})
