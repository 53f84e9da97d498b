import { describe, expect, test } from '@jest/globals'
import type { CommandOutcome } from '../../../src/session/command.ts'
import { foreignShell } from '../../../src/session/foreign-shell.ts'
import { needsOf } from '../../../src/shell/needs.ts'

const LENDER = { podUid: 'u-1', container: 'main', lender: { pid: 8, start: '1234' } }
const LOADED = foreignShell({
  ...LENDER,
  sh: ['/l/ld', '/l/dash'],
  cat: ['/l/ld', '/l/cat'],
  tools: new Map(['cat', 'env', 'find', 'awk', 'grep'].map((name) => [name, ['/l/ld', `/l/${name}`]]))
})
const APPLETS = foreignShell({ ...LENDER, sh: ['/l/busybox', 'sh'], cat: ['/l/busybox', 'cat'], tools: new Map([['cat', ['/l/busybox', 'cat']]]) })
const MOUNT = '7 6 0:1 /var/lib/kubelet/pods/u-1/containers/main/0ab /dev/termination-log rw - ext4 /dev/vda rw'

const said = (...lines: string[]): CommandOutcome => ({ kind: 'done', stdout: Buffer.from(`${lines.join('\n')}\n`), stderr: Buffer.alloc(0), status: 0 })

describe('a shell lent by an image that is not the toolbox', () => {
  test('is believed as any lent shell is', () => {
    expect(LOADED.greet(said('21 555', '8 1234', MOUNT))).toEqual({ process: { pid: 21, start: '555' }, setsid: '' })
    expect(() => LOADED.greet(said('21 555', '8 99', MOUNT))).toThrow(expect.objectContaining({ code: 'TARGET_CHANGED' }))
    expect(() => LOADED.greet(said('', '8 1234', MOUNT))).toThrow(expect.objectContaining({ code: 'TARGET_UNUSABLE' }))
  })

  test.each<[command: string, doubt: string | undefined]>([
    ['grep -c x /etc/passwd | cat', undefined],
    ['env', undefined],
    ['grep "a b" /etc/passwd | cat', undefined],
    ['find /etc -perm /022', undefined],
    ['cat /proc/sys/kernel/ostype', undefined],
    ['/app --list | grep x', undefined],
    ['find / -xdev -perm -4000', undefined],
    ['ls /', undefined],
    [`awk '{ print $1 }' /etc/passwd | cat`, undefined],
    ['command -v grep', 'whether grep is in the image'],
    ['find /etc -name x -exec grep y {} +', 'started by exec'],
    ['cat /etc/list | xargs grep x', 'started by xargs'],
    ['env LC_ALL=C grep x /etc/passwd', 'started by env'],
    [`awk 'BEGIN { system("id") }' /etc/passwd`, 'started by awk'],
    [`awk 'BEGIN { "id" | getline }'`, 'started by awk'],
    [`awk '{ print | cmd }' /etc/passwd`, 'started by awk'],
    ['command grep x /etc/passwd', 'started by command'],
    ['(exec grep x /etc/passwd) | cat', 'started by exec'],
    ['cat /proc/1/cmdline', 'which processes there are'],
    ['grep -l app /proc/*/cmdline', 'which processes there are'],
    ['find / -name core', 'which processes there are']
  ])('%s', (command, doubt) => {
    const found = LOADED.doubt?.(command, needsOf(command))
    if (doubt === undefined) expect(found).toBeUndefined()
    else expect(found).toContain(doubt)
  })

  test.each<[command: string, doubt: string | undefined]>([
    ['cat /etc/passwd', undefined],
    ['/app --list', undefined],
    ['echo $PATH', undefined],
    ['grep -P x /etc/passwd | cat', "what grep says may be busybox's word"],
    ['command -v nosuch', 'whether nosuch is in the image']
  ])('of busybox: %s', (command, doubt) => {
    const found = APPLETS.doubt?.(command, needsOf(command))
    if (doubt === undefined) expect(found).toBeUndefined()
    else expect(found).toContain(doubt)
  })
})
