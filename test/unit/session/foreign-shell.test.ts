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
const APPLETS = foreignShell({
  ...LENDER,
  sh: ['/l/busybox', 'sh'],
  cat: ['/l/busybox', 'cat'],
  tools: new Map(['cat', 'stat'].map((name) => [name, ['/l/busybox', name]]))
})
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
    ['find /etc -perm /022', 'what is in closed folders'],
    ['grep -rs x /etc/app | wc -l', 'what is in closed folders'],
    ['cd /etc/app && grep x y', 'what is in closed folders'],
    ['cat /proc/sys/kernel/ostype', undefined],
    ['/app --list | grep x', undefined],
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
    ['ls -d /p[r]oc/[0-9]* | wc -l', 'which processes there are'],
    ['/bin/ps -e -o args= | grep -c x', 'which processes there are'],
    [`/bin/bash -c 'grep x /etc/passwd' 2>/dev/null; true`, 'started by /bin/bash'],
    ['[ -z "$(/usr/bin/env grep x /etc/passwd 2>/dev/null)" ]', 'started by /usr/bin/env'],
    ['/bin/timeout 5 grep x /etc/passwd', 'started by /bin/timeout'],
    ['setpriv --no-new-privs grep x /etc/passwd', 'started by setpriv'],
    ['runuser -u app -- grep x /etc/passwd', 'started by runuser'],
    [`awk '{ c="sort"; printf "%s\\n", $1 | c }' /etc/passwd`, 'started by awk'],
    [`sed -n '1e id' /etc/passwd`, 'started by sed'],
    ['for p in bash grep; do command -v $p || echo missing; done', 'whether grep is in the image'],
    ['set -- grep; command -v "$1"', 'whether grep is in the image'],
    ['find / -xdev -name core', 'what is in closed folders']
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
    ['[ "$(stat --printf=%a /etc/passwd 2>/dev/null)" != 777 ]', "what stat says may be busybox's word"],
    ['cat --show-all /etc/passwd', "what cat says may be busybox's word"],
    ['command -v nosuch', 'whether nosuch is in the image']
  ])('of busybox: %s', (command, doubt) => {
    const found = APPLETS.doubt?.(command, needsOf(command))
    if (doubt === undefined) expect(found).toBeUndefined()
    else expect(found).toContain(doubt)
  })
})
