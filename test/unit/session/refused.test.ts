import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { refusedIn } from '../../../src/session/refused.ts'
import { needsOf } from '../../../src/shell/needs.ts'

/** What a command came to, on a real system or as a tool's source says, and whether that is an answer: read by a person before the rules were written. */
interface Label {
  readonly command: string
  /** The resource of InSpec that runs it; undefined: a profile's own command. */
  readonly resource?: string
  readonly on: string
  readonly status: number
  readonly stdout: string
  readonly stderr: string
  readonly label: 'answer' | 'doubt'
}
const LABELS = JSON.parse(readFileSync('test/fixtures/commands/results.json', 'utf8')) as Label[]

/** By one half the rules were written, by the other they are measured. */
const isForWriting = ({ command, on }: Label): boolean => (createHash('sha256').update(`${command}\n${on}`).digest()[0] ?? 0) % 2 === 0

const refused = ({ command, resource, status, stdout = '', stderr = '' }: Partial<Label>): ReturnType<typeof refusedIn> =>
  refusedIn({ text: command ?? '', needs: needsOf(command ?? ''), said: { status: status ?? 0, stdout, stderr, unseen: [] } }, resource !== undefined)

const isDoubt = (label: Label): boolean => refused(label) !== undefined

test('there are labels enough, of both kinds in both halves', () => {
  expect(LABELS.length).toBeGreaterThanOrEqual(300)
  const groups = [true, false].flatMap((half) => ['answer', 'doubt'].map((kind) => LABELS.filter((each) => isForWriting(each) === half && each.label === kind)))
  for (const group of groups) expect(group.length).toBeGreaterThanOrEqual(70)
})

test('of the labels by which the rules were written no answer is doubted, and at most one doubt is not seen', () => {
  const half = LABELS.filter(isForWriting)
  expect(half.filter((each) => each.label === 'answer' && isDoubt(each))).toEqual([])
  expect(half.filter((each) => each.label === 'doubt' && !isDoubt(each)).length).toBeLessThanOrEqual(1)
})

test('of the labels that the rules have not seen, precision is at least 0.98 and recall at least 0.88', () => {
  const half = LABELS.filter((each) => !isForWriting(each))
  const found = half.filter(isDoubt)
  const right = found.filter(({ label }) => label === 'doubt').length
  expect(right / found.length).toBeGreaterThanOrEqual(0.98)
  expect(right / half.filter(({ label }) => label === 'doubt').length).toBeGreaterThanOrEqual(0.88)
})

describe('a tool that is there and fails', () => {
  test.each<[Partial<Label>, cause: string, text: string]>([
    [
      { command: 'systemctl show --no-pager --all x', resource: 'service', status: 1, stderr: 'System has not been booted with systemd\n' },
      'refused:systemctl',
      'systemctl gave no answer: System has not been booted with systemd'
    ],
    [{ command: 'psql -c x', resource: 'postgres_session', status: 2, stderr: 'odd words\n' }, 'refused:psql', 'psql gave no answer: odd words'],
    [{ command: 'mysql -e x', resource: 'mysql_session', status: 1 }, 'refused:mysql', 'mysql gave no answer: exit 1, without a word'],
    [{ command: 'docker ps -a --format x', resource: 'docker', status: 1, stdout: 'on stdout\n' }, 'refused:docker', 'docker gave no answer: on stdout'],
    [
      { command: 'find / -printf x | wc -l', stdout: '0\n', stderr: 'find: unrecognized: -printf\n' },
      'refused:find',
      'find gave no answer: find: unrecognized: -printf'
    ],
    [
      { command: 'test $(psql -c x | wc -l) -eq 0', stderr: 'psql: error: could not connect to server\n' },
      'refused:psql',
      'psql gave no answer: psql: error: could not connect to server'
    ],
    [
      { command: 'psql -c x 2>&1', status: 2, stdout: 'psql: error: connection refused\n' },
      'refused:psql',
      'psql gave no answer: psql: error: connection refused'
    ],
    [{ command: 'curl -s localhost', status: 7 }, 'refused:curl', 'curl gave no answer: exit 7'],
    [
      { command: 'lsof -i', status: 1, stderr: `lsof: \u001b[2J permission denied ${'x'.repeat(500)}` },
      'refused:lsof',
      expect.stringMatching(/^lsof gave no answer: lsof: \\x1b\[2J permission denied x{100,200}…?$/) as unknown as string
    ],
    [
      { command: 'a=(1)', status: 2, stderr: '/bin/sh: 1: Syntax error: "(" unexpected\n' },
      'syntax',
      `a shell refuses the script's syntax, which is the profile's fault: /bin/sh: 1: Syntax error: "(" unexpected`
    ],
    [
      { command: 'if', status: 2, stdout: 'begun\n', stderr: 'sh: syntax error: unexpected end of file\n' },
      'syntax',
      expect.stringContaining("the profile's fault") as unknown as string
    ],
    [
      { command: "bash -c 'if'", status: 2, stderr: "bash: -c: line 1: unexpected EOF while looking for matching `)'\n" },
      'syntax',
      expect.stringContaining("the profile's fault") as unknown as string
    ]
  ])('%j', (label, cause, text) => expect(refused(label)).toEqual({ cause, text }))

  test.each<Partial<Label>>([
    { command: 'cat /nosuch', status: 1, stderr: 'cat: /nosuch: No such file or directory\n' },
    { command: 'grep x /etc/passwd', status: 1 },
    { command: 'service nginx status', status: 3, stdout: 'nginx is not running\n' },
    { command: 'find / -xdev -perm -4000', status: 1, stderr: "find: '/proc/tty/driver': Permission denied\n" },
    { command: 'find / -name x', status: 1, stdout: '/x\n', stderr: 'find: /root: Permission denied\n' },
    { command: 'sh -c \'type "psql"\'', resource: 'postgres', status: 127, stderr: 'sh: psql: not found\n' },
    { command: 'su postgres -c "psql -tAc x" | cat', stdout: 'on\n', stderr: 'could not change directory to "/root": Permission denied\n' },
    { command: 'find / -name x | head -1', stdout: '/x\n', stderr: "find: 'standard output': Broken pipe\n" },
    { command: 'npm ls -g | grep x', stdout: 'x\n', stderr: 'npm WARN running as root\n' },
    { command: 'curl -s localhost | grep x', status: 1 },
    { command: 'curl -sf localhost', status: 22 },
    { command: 'cat /var/log/app 2>&1', stdout: 'all is well\nconnection refused\n' },
    { command: 'grep -q "syntax error" /var/log/x', status: 1, stderr: '' }
  ])('%j is an answer', (label) => expect(refused(label)).toBeUndefined())
})
