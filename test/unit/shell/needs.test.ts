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
  test('one that another program is told to start is none to that', () => expect(needsOf('id() { :; }; sudo id').programs).toEqual(['sudo', 'id']))
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

  test.each([
    'if true; then t=$(echo nosuch); else t=grep; fi; $t foo',
    't=grep; t=$(echo nosuch); $t foo',
    'for a in 1 2 3 4 5 6 7 8 9; do for b in 1 2 3 4 5 6 7 8 9; do tool$a$b; done; done'
  ])('%s starts what only the run knows', (command) => expect(needsOf(command).unknown).toBe(true))

  test.each([
    ['f=/etc/shadow; f=$(echo $f); cat "$f"', ['/etc/shadow']],
    ['f=/etc; f+=/shadow; cat $f', ['/etc', '/etc/shadow']],
    ['f=/a; cat ${f:-/b}', ['/a', '/b']],
    ['cat <>/etc/shadow', ['/etc/shadow']]
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
    ['if which a || [ -x /usr/bin/a ] || which b; then a; fi', ['a']],
    ['if which a && which b; then a; b; fi', []],
    ['if ! which a || ! which b; then exit; fi; a; b', []],
    ['which a || which b || exit 0; a', ['a']],
    ['which a || exit 0; a', []],
    ['which a && a', []],
    ['! which a && a', ['a']],
    ['! which a || a', []]
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

/** Starters of what Debian and Alpine ship, each before a program that is missing. */
const STARTERS = (
  'gosu www-data nosuchtool -tAc x;su-exec app nosuchtool;s6-setuidgid app nosuchtool x;setuidgid app nosuchtool;chpst -u app nosuchtool;softlimit -m 100000 nosuchtool;' +
  "sg app -c 'nosuchtool x';sg app 'nosuchtool';script -qc 'nosuchtool x' /dev/null;setarch x86_64 -R nosuchtool;setarch -R nosuchtool;linux32 nosuchtool;" +
  'runcon system_u:system_r:x_t:s0 nosuchtool a;runcon -t x_t nosuchtool a;start-stop-daemon --start --exec nosuchtool -- -x;start-stop-daemon -S --exec=nosuchtool;' +
  'catchsegv nosuchtool;strace -f -o /dev/null nosuchtool;ltrace -e x nosuchtool;valgrind -q nosuchtool;gdb --args nosuchtool x;watch -n 1 nosuchtool x;' +
  "watch 'nosuchtool x';parallel nosuchtool ::: a b;tini -- nosuchtool;tini -g -p TERM -- nosuchtool;dumb-init nosuchtool;catatonit nosuchtool;proot -r / nosuchtool;" +
  'fakeroot -- nosuchtool;eatmydata nosuchtool;cgexec -g cpu:x nosuchtool;systemd-run --user -p X=1 nosuchtool;pkexec --user app nosuchtool;xvfb-run -a nosuchtool;' +
  'cpulimit -l 10 -- nosuchtool;torsocks nosuchtool;proxychains4 -f /dev/null nosuchtool;faketime 2020-01-01 nosuchtool;envdir /etc nosuchtool;chronic nosuchtool;' +
  'timeout --signal KILL 5 nosuchtool;timeout -k 1 5 nosuchtool;nice --adjustment 5 nosuchtool;' +
  'firejail --quiet nosuchtool;aa-exec -p x -- nosuchtool;choom -n 1 -- nosuchtool;numactl -i all nosuchtool;dbus-run-session -- nosuchtool;perf stat nosuchtool;' +
  "capsh --drop=all -- -c 'nosuchtool x';execlineb -c 'nosuchtool x';hyperfine 'nosuchtool x';timelimit -t 5 nosuchtool;schroot -c x nosuchtool;ssh-agent nosuchtool;" +
  '/lib64/ld-linux-x86-64.so.2 --library-path /x nosuchtool;/lib/ld-musl-x86_64.so.1 nosuchtool;flock /tmp/x nosuchtool;gosu app env A=b tini -- nosuchtool'
).split(';')

describe('programs that are started by others', () => {
  test.each(STARTERS)('%s', (command) => expect(needsOf(`${command} 2>/dev/null | grep -c off`).programs).toContain('nosuchtool'))

  test.each<[command: string, programs: string[]]>([
    // of a starter that is not known, a tool by which profiles ask
    ['newstarter -u x sqlplus -t | wc -l', ['newstarter', 'sqlplus', 'wc']],
    ["newstarter --run 'sqlplus -t | grep off' | wc -l", ['newstarter', 'sqlplus', 'grep', 'wc']],
    ['newtool list psqlrc; nginx -T; pro status', ['newtool', 'nginx', 'pro']],
    // elsewhere
    ['docker exec x psql -c y', ['docker']],
    ['kubectl exec x -- psql -c y', ['kubectl']],
    ['ssh host psql -c y', ['ssh']],
    // tools of one file
    ['busybox psql -c x', ['busybox psql']],
    ['/bin/busybox sh -c "psql x"', ['/bin/busybox sh', 'psql']],
    ['busybox --list', ['busybox']],
    // operands and options that are no programs
    ['gosu --version; script -a /dev/null; gdb --version; capsh --print', ['gosu', 'script', 'gdb', 'capsh']],
    ['service sshd status; pgrep sqlplus; dpkg -s psql; man psql | cat; which psql', ['service', 'pgrep', 'dpkg', 'man', 'cat', 'which']]
  ])('%s', (command, programs) => expect(needsOf(command).programs).toEqual(programs))
})
