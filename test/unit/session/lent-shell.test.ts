import { describe, expect, test } from '@jest/globals'
import type { CommandOutcome } from '../../../src/session/command.ts'
import { lentShell } from '../../../src/session/lent-shell.ts'

const LENT = { podUid: 'u-1', container: 'main', lender: { pid: 8, start: '1234' } }
const MOUNT = '7 6 0:1 /var/lib/kubelet/pods/u-1/containers/main/0ab /dev/termination-log rw - ext4 /dev/vda rw'

const said = (...lines: string[]): CommandOutcome => ({ kind: 'done', stdout: Buffer.from(`${lines.join('\n')}\n`), stderr: Buffer.alloc(0), status: 0 })

describe('a lent shell', () => {
  test('is believed when helper and container are those that were asked for', () => {
    expect(lentShell(LENT).greet(said('21 555', '8 1234', MOUNT))).toEqual({ process: { pid: 21, start: '555' }, setsid: '' })
  })

  test('needs no helper where the toolbox is mounted', () => {
    expect(lentShell({ ...LENT, lender: undefined }).greet(said('21 555', MOUNT))).toMatchObject({ process: { pid: 21 } })
  })

  test.each([
    ['a helper', LENT, '8'],
    ['a pod of ours', { ...LENT, lender: undefined, ownPod: true }, '1'],
    ['the owner', { ...LENT, lender: undefined }, undefined]
  ])('by %s leaves out of listings what is lent, and no process of the target', (_who, options, pid) => {
    const text = Buffer.from(lentShell(options).opening().text).toString()
    expect([...text.matchAll(/\/proc\/(\d+)\/stat/g)].map(([, each]) => each)).toEqual(pid === undefined ? [] : [pid])
    expect(text.includes('KSCAN_HIDDEN="$KSCAN_HIDDEN /kscan"')).toBe(options.lender === undefined)
  })

  test.each<[why: string, code: string, outcome: CommandOutcome]>([
    ['the helper was replaced', 'TARGET_CHANGED', said('21 555', '8 1235', MOUNT)],
    ['the helper is gone', 'TARGET_CHANGED', said('21 555', MOUNT)],
    ['it is in another container of the pod', 'TARGET_UNUSABLE', said('21 555', '8 1234', MOUNT.replace('/main/', '/other/'))],
    ['it is in another pod', 'TARGET_UNUSABLE', said('21 555', '8 1234', MOUNT.replace('u-1', 'u-2'))],
    ['nothing says where it is', 'TARGET_UNUSABLE', said('21 555', '8 1234')],
    ['it does not say who it is', 'TARGET_UNUSABLE', said('', '8 1234', MOUNT)],
    ['it did not answer', 'TARGET_UNUSABLE', { kind: 'lost', message: 'gone' }]
  ])('is not believed when %s', (_why, code, outcome) => {
    expect(() => lentShell(LENT).greet(outcome)).toThrow(expect.objectContaining({ code }))
  })

  test('gets a command by its length, whatever its bytes', () => {
    const command = Buffer.from([0x61, 0x0a, 0x27, 0xff])
    const { nonce, text } = lentShell(LENT).command(command, { process: { pid: 1, start: '1' }, setsid: '' })
    expect(text).toEqual(Buffer.concat([Buffer.from(`run ${nonce} 4\n`), command]))
    expect(lentShell(LENT).stop?.(nonce)).toBe(`stop ${nonce}\n`)
  })
})
