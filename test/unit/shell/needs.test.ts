import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { needsOf } from '../../../src/shell/needs.ts'
import { processorTime } from '../../support/processor-time.ts'

/** A command of a real profile, read by a person before the rules were written. */
interface Label {
  readonly command: string
  readonly programs: readonly string[]
  /** Whose absence the command itself asks about. */
  readonly excused: readonly string[]
  readonly reads: readonly string[]
  readonly alternatives?: readonly (readonly string[])[]
}
const labels = JSON.parse(readFileSync('test/fixtures/commands/labels.json', 'utf8')) as Label[]
const sorted = (names: readonly string[]): string[] => names.toSorted()

test('there are labels enough', () => expect(labels.length).toBeGreaterThanOrEqual(150))

test.each(labels.map((label) => [label.command, label] as const))('%s', (command, label) => {
  const { programs, reads, alternatives, asked, unclear } = needsOf(command)
  expect({ programs: sorted(programs), reads: sorted(reads.map(({ text }) => text)), alternatives, unclear }).toEqual({
    programs: sorted(label.programs),
    reads: sorted(label.reads),
    alternatives: label.alternatives ?? [],
    unclear: undefined
  })
  expect(asked).toEqual(expect.arrayContaining([...label.excused]))
})

describe('what is not to be read', () => {
  test.each(['echo "unclosed', 'if true; then echo', 'echo $(', 'a | | b'])('%s is unclear', (command) => {
    expect(needsOf(command).unclear).toEqual(expect.any(String))
  })

  test('scripts in scripts without end are unclear', () => {
    const nested = Array.from({ length: 12 }).reduce<string>((inner) => `sh -c ${JSON.stringify(inner)}`, 'id')
    expect(needsOf(nested).unclear).toEqual('scripts are nested too deep in it')
  })

  test.each(['', '#', '\0', '$((', '((', '\\', '{', '!', 'a=(', '${', '<<', '\u{1f4a9}', 'x'.repeat(100_000), '('.repeat(5000), '$('.repeat(2000)])(
    'no text makes it throw or hang (%#)',
    (command) => {
      expect(processorTime(() => needsOf(command))).toBeLessThan(5000)
    }
  )
})

/** Paths that are read. */
const readsIn = (command: string): string[] => needsOf(command).reads.map(({ text }) => text)

describe('operands that are handed on', () => {
  test.each([
    ['f() { cat "$1" 2>/dev/null | wc -l; }; f /etc/shadow', ['/etc/shadow']],
    ['f() { cat "$@"; }; f /a; f /b', ['/a', '/b']],
    ['f() { stat "$1"; }; f /etc/shadow', []],
    [`sh -c 'cat "$1"' _ /etc/shadow`, ['/etc/shadow']],
    ['set -- /etc/shadow; cat "$1" 2>/dev/null | wc -l', ['/etc/shadow']],
    ['f() { for x in "$@"; do cat $x; done; }; f /a /b', ['/a', '/b']],
    ['f() { f; }; f', []]
  ])('%s', (command, reads) => expect(readsIn(command)).toEqual(reads))

  test('a function that is never called needs nothing', () => expect(needsOf('f() { nosuch; }; id').programs).toEqual(['id']))
  test('a shell without a script for its -c needs nothing else', () => expect(needsOf('sh -c').programs).toEqual(['sh']))
  test('one that is needs what it starts', () => expect(needsOf('f() { nosuch; }; f').programs).toEqual(['nosuch']))
})

describe('options and operands', () => {
  test.each([
    [`grep -- '-k logins' /etc/audit/audit.rules 2>/dev/null | wc -l`, ['/etc/audit/audit.rules']],
    ['grep -m 1 -- -x /etc/shadow', ['/etc/shadow']],
    ['grep -e -- /etc/shadow', ['/etc/shadow']],
    ['grep -f/etc/words x /etc/passwd', ['/etc/passwd', '/etc/words', 'x']],
    ['rpm --dbpath=/root/db -qa | wc -l', ['/root/db']],
    ['rpm --dbpath /root/db -qa', ['/root/db']],
    ['rpm --root /mnt -qa; dpkg --admindir=/x -l', ['/mnt', '/x']],
    ['perl /opt/a.pl; python3 /opt/a.py', ['/opt/a.pl', '/opt/a.py']],
    [`perl -ne 'print' /etc/passwd; python3 -c 'pass' /etc/x`, ['/etc/passwd', '/etc/x']],
    ['last -f /var/log/wtmp | wc -l', ['/var/log/wtmp']]
  ])('%s', (command, reads) => expect(readsIn(command).toSorted()).toEqual(reads.filter((path) => path.startsWith('/')).toSorted()))
})

describe('variables with several values', () => {
  test.each([
    ['if [ -f /a ]; then t=grep; else t=nosuch; fi; timeout 5 $t foo /etc/passwd', ['grep', 'nosuch', 'timeout']],
    ['if [ -f /a ]; then t=nosuch; else t=id; fi; eval "$t"', ['id', 'nosuch']],
    ['if [ -f /a ]; then t=nosuch; else t=id; fi; sh -c "$t"', ['id', 'nosuch', 'sh']]
  ])('%s', (command, programs) => expect(needsOf(command).programs.toSorted()).toEqual(programs))

  test.each(['if true; then t=$(echo nosuch); else t=grep; fi; $t foo', 't=grep; t=$(echo nosuch); $t foo'])('%s starts what only the run knows', (command) =>
    expect(needsOf(command).unknown).toBe(true)
  )

  test.each([
    ['f=/etc/shadow; f=$(echo $f); cat "$f"', ['/etc/shadow']],
    ['f=/etc; f+=/shadow; cat $f', ['/etc', '/etc/shadow']],
    ['f=/a; cat ${f:-/b}', ['/a', '/b']]
  ])('%s', (command, reads) => expect(readsIn(command)).toEqual(expect.arrayContaining(reads)))
})

describe('which shell understands it', () => {
  test.each([
    [`bash -c '[[ a == a ]]'`, []],
    [`bash -c 'sh -c "[[ a == a ]]"'`, ['[[']],
    [`ksh -c '[[ a == a ]]'`, ['[[']],
    [`bash -c 'eval "[[ a == a ]]"'`, []],
    ['time a 2>/dev/null | wc -l', ['time']]
  ])('%s', (command, features) => expect(needsOf(command).features).toEqual(features))

  test.each(['echo nosuch | sh -s arg', 'echo nosuch | sh -', 'echo nosuch | sh /dev/stdin', 'echo nosuch | bash'])('%s is unclear', (command) =>
    expect(needsOf(command).unclear).toEqual(expect.any(String))
  )
})

describe('guards and other ways', () => {
  test.each([
    ['if which a || which b; then a; fi', ['a']],
    ['if [ -x /usr/bin/a ] || [ -x /usr/sbin/a ]; then a; fi', []],
    ['if which a && which b; then a; b; fi', []],
    ['if ! which a || ! which b; then exit; fi; a; b', []],
    ['which a || which b || exit 0; a', ['a']],
    ['which a || exit 0; a', []],
    ['which a && a', []]
  ])('%s', (command, programs) =>
    expect(
      needsOf(command)
        .programs.filter((program) => program !== 'which')
        .toSorted()
    ).toEqual(programs)
  )

  test.each([
    ['rpm -q x || dpkg -s x; dpkg -l | grep -c telnet', true],
    ['rpm -q x || dpkg -s x', false]
  ])('%s needs the database of dpkg alone: %s', (command, alone) =>
    expect(needsOf(command).databases.find(({ program }) => program === 'dpkg')?.alone).toBe(alone)
  )
})
