import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import type { CommandOutcome } from '../../../src/session/command.ts'
import { Evidence } from '../../../src/session/evidence.ts'
import { lookAgain } from '../../../src/session/look.ts'
import { needsOf } from '../../../src/shell/needs.ts'
import { READING } from '../../../src/session/reading.ts'
import { answered } from '../../support/answered.ts'

/** With those that only root has on it. */
const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`

const read = (command: string): ReturnType<Parameters<typeof lookAgain>[1]['read']> => Promise.resolve(needsOf(command))

const folder = mkdtempSync(join(tmpdir(), 'kscan-look-'))
chmodSync(folder, 0o755)
writeFileSync(join(folder, 'closed'), 'x', { mode: 0 })
writeFileSync(join(folder, 'open'), 'x')
writeFileSync(join(folder, 'apk'), '#!/bin/sh\n', { mode: 0o755 })
mkdirSync(join(folder, 'room'), { mode: 0o700 })
mkdirSync(join(folder, 'homes', 'bob'), { recursive: true })
mkdirSync(join(folder, 'homes', 'eve'), { mode: 0o700 })
mkdirSync(join(folder, 'room', 'inner'))
symlinkSync(join(folder, 'room', 'inner'), join(folder, 'way'))
symlinkSync('../nosuch', join(folder, 'dangling'))
symlinkSync('round', join(folder, 'round'))
mkdirSync(join(folder, 'searched'))
writeFileSync(join(folder, 'searched', 'a b.conf'), 'x', { mode: 0 })
/** Closed to whoever runs our code: to another user where we are root, else to us. */
const CLOSED = [join(folder, 'room'), join(folder, 'homes', 'eve')]
const isRoot = process.getuid?.() === 0
if (!isRoot) for (const each of CLOSED) chmodSync(each, 0)
afterAll(() => {
  for (const each of CLOSED) chmodSync(each, 0o700)
  rmSync(folder, { recursive: true, force: true })
})

/** Runs our code in a real sh, as a user to whom files can be closed where we are root. */
const inShell = (code: Uint8Array): Promise<CommandOutcome> => {
  const options = { env: { ...process.env, PATH }, ...(isRoot ? { uid: 65534, gid: 65534 } : {}) }
  const stdout = execFileSync('/bin/sh', ['-c', `kscan_newline='\n'\n${READING}\n${Buffer.from(code).toString()}`], options)
  return Promise.resolve({ kind: 'done', stdout, stderr: Buffer.alloc(0), status: 0 })
}

const OWN = { doubt: undefined, tells: false, live: true }

const lacksOf = async (command: string, status = 0): Promise<string[]> => {
  const evidence = new Evidence()
  evidence.asked(evidence.recordCommand(command, answered(status)), { kind: 'control', id: 'c' })
  await lookAgain(evidence, { inspect: inShell, read }, OWN)
  return evidence.lacks().map(({ reason }) => reason.text)
}

test.each<[command: string, lacks: unknown]>([
  ['cat /etc/passwd | wc -l', []],
  ['nosuchtool --list 2>/dev/null | wc -l', ['the program nosuchtool is not in the image']],
  ['/sbin/nosuchtool -n x || true', ['the program /sbin/nosuchtool is not in the image']],
  ['nosuchtool || nosuchtoo', ['none of the programs nosuchtool, nosuchtoo is in the image']],
  ['ls / >/dev/null && nosuchtool || id', ['the program nosuchtool is not in the image']],
  ['command -v nosuchtool >/dev/null && nosuchtool', []],
  [`grep -s x ${folder}/open`, []],
  [`grep -s x ${folder}/closed | wc -l`, [`${folder}/closed cannot be read by this user`]],
  [`find ${folder}/room -name x 2>/dev/null`, [`${folder}/room cannot be read by this user`]],
  [`cat ${folder}/room/x 2>/dev/null; true`, [`${folder}/room/x cannot be read by this user`]],
  [`cat ${folder}/nosuch/x 2>/dev/null; true`, []],
  [`grep -hs x ${folder}/searched/*.conf`, [`${folder}/searched/*.conf cannot be read by this user`]],
  [`grep -hs x ${folder}/room/*.conf`, [`${folder}/room/*.conf cannot be read by this user`]],
  [`grep -hs x ${folder}/*.nosuch`, []],
  [`nosuchtool < ${folder}/closed`, ['the program nosuchtool is not in the image', `${folder}/closed cannot be read by this user`]],
  [`stat ${folder}/closed`, []],
  [`dd if=${folder}/closed 2>/dev/null | wc -c`, [`${folder}/closed cannot be read by this user`]],
  [`find -O3 ${folder}/room 2>/dev/null | wc -l`, [`${folder}/room cannot be read by this user`]],
  [`sed --version >/dev/null; python3 -m json.tool ${folder}/closed | wc -l`, [expect.stringMatching(/closed cannot be read/)]],
  // paths of which it is asked whether they are there
  [`[ ! -e ${folder}/room/x ]`, [`whether ${folder}/room/x is there cannot be seen by this user`]],
  [`test -f ${folder}/room/x && echo BAD; true`, [`whether ${folder}/room/x is there cannot be seen by this user`]],
  [`ls -ld ${folder}/room/x 2>/dev/null | wc -l`, [`whether ${folder}/room/x is there cannot be seen by this user`]],
  [`stat ${folder}/room/x 2>&1 | wc -l`, [`whether ${folder}/room/x is there cannot be seen by this user`]],
  [`[ -e ${folder}/nosuch ] || stat ${folder}/dangling`, []],
  [`stat ${folder}/way/x | wc -l`, [`whether ${folder}/way/x is there cannot be seen by this user`]],
  [`grep -s x ${folder}/way/x`, [`${folder}/way/x cannot be read by this user`]],
  [`grep -s x ${folder}/dangling/x ${folder}/round/x`, []],
  [`for f in ${folder}/room/*.conf; do [ -f "$f" ] && echo BAD; done`, [expect.stringMatching(/room\/\*\.conf is there cannot be seen/)]],
  [`echo ${folder}/room/*`, [`whether ${folder}/room/* is there cannot be seen by this user`]],
  [`cat ${folder}/homes/*/.netrc 2>/dev/null | wc -l`, [`${folder}/homes/*/.netrc cannot be read by this user`]],
  [`cat ${folder}/homes/b*/.netrc 2>/dev/null | wc -l`, []],
  [`cat ${folder}/sear*/*.nosuch 2>/dev/null | wc -l`, []],
  [`cd ${folder}/room 2>/dev/null && ls -a | wc -l`, [`${folder}/room cannot be read by this user`]],
  // what a folder says of a file
  [`ls -l ${folder}/closed`, []],
  [`find ${folder}/closed -perm /027; find ${folder}/room -maxdepth 0 -perm /077; find ${folder}/room -prune -perm -o+r`, []],
  [`ls ${folder}/room`, [`${folder}/room cannot be read by this user`]],
  [`du -s ${folder}/room/x`, [`${folder}/room/x cannot be read by this user`]],
  // patterns and variables
  [`cat ${folder}/[a-d]losed 2>/dev/null | wc -l`, [`${folder}/[a-d]losed cannot be read by this user`]],
  [`cat ${folder}/[!x]losed 2>/dev/null | wc -l`, [`${folder}/[!x]losed cannot be read by this user`]],
  [`grep -s x '${folder}/clo*'; cat ${folder}/clo* 2>/dev/null | wc -l`, [`${folder}/clo* cannot be read by this user`]],
  [`FILES="/etc/passwd ${folder}/closed"; for f in $FILES; do grep -s x $f; done`, [`${folder}/closed cannot be read by this user`]],
  [`FILES="/etc/passwd ${folder}/closed"; grep -s x $FILES`, [`${folder}/closed cannot be read by this user`]],
  [`if true; then F=${folder}/closed; else F=/etc/passwd; fi; grep -s x $F`, [`${folder}/closed cannot be read by this user`]],
  [`grep -s x "\${CONF:-${folder}/closed}" | wc -l`, [`${folder}/closed cannot be read by this user`]],
  ['SUDO=; [ -x /bin/id ] && SUDO=env; $SUDO nosuchtool | wc -l', ['the program nosuchtool is not in the image']],
  ['SUDO=; $SUDO nosuchtool | wc -l', ['the program nosuchtool is not in the image']],
  ['CMD="grep -s x /etc/passwd"; $CMD; TOOLS="id ls"; for t in $TOOLS; do $t; done', []],
  [`check() { stat -c %a "$1"; }; check ${folder}/closed`, []],
  ['if ! command -v nosuchtool; then echo none; exit 0; fi; nosuchtool', []],
  // what the shell does not understand
  [`find /etc -print0 | while IFS= read -r -d '' f; do echo "$f"; done`, ['the shell does not understand read -d']],
  ['i=1; echo $((i++)) $((2 + 3))', ['the shell does not understand a++']],
  ['[ "$EUID" -ne 0 ] || echo root', ['the shell does not understand $EUID']],
  ['if [[ -f /etc/passwd ]]; then echo BAD; fi', ['the shell does not understand [[']],
  ['[ "$(id -u)" == 0 ] && echo BAD; true', ['the shell does not understand [ a == b ]']],
  ['(( 8#644 > 8#600 )) && echo BAD; true', ['the shell does not understand ((']],
  ['read -r m <<< "$(id)"; echo', ['the shell does not understand <<<']],
  ['grep -q x /etc/passwd &>/dev/null', ['the shell does not understand &>']],
  ['cat <(id) |& wc -l', ['the shell does not understand |&', 'the shell does not understand <( )']],
  ['a=(x y); echo {a,b} "${a[0]}"', ['the shell does not understand a=( )', 'the shell does not understand {a,b}']],
  ['function f { id; }; f', ['the shell does not understand function']],
  ['set -o pipefail; id | wc -l', ['the shell does not understand set -o pipefail']],
  ['shopt -s nullglob; source /etc/passwd 2>/dev/null; id', ['the program shopt is not in the image', 'the program source is not in the image']],
  [`bash -c '[[ -f /etc/passwd ]] && shopt -s nullglob && cat <(id) <<<"a"'`, []],
  // programs that are started in other ways
  ['setpriv --no-new-privs nosuchtool x | wc -l', [expect.stringMatching(/nosuchtool is not in the image/)]],
  ['runuser -u app -- nosuchtool x | wc -l', [expect.stringMatching(/nosuchtool is not in the image/)]],
  ['/usr/bin/env nosuchtool x | wc -l', ['the program nosuchtool is not in the image']],
  [`env -S 'nosuchtool x' | wc -l`, ['the program nosuchtool is not in the image']],
  ["bash <<'E'\nnosuchtool | wc -l\nE", ['the program nosuchtool is not in the image']],
  [`echo 'nosuchtool | cat' | bash`, ['kscan could not read which programs the command needs (a shell reads what it does from its input)']],
  [`awk 'BEGIN { "nosuchtool" | getline x; print x }'`, ['the program nosuchtool is not in the image']],
  [`awk '{ print $1 | "nosuchtool" }' /etc/passwd`, ['the program nosuchtool is not in the image']],
  [`awk '{print $1"|"$2"|"$3}' /etc/passwd; awk '($1=="a")||"b"==$2' /etc/passwd; trap - EXIT`, []],
  ['trap nosuchtool EXIT', ['the program nosuchtool is not in the image']],
  ['for p in id nosuchtool; do $p 2>/dev/null; done | wc -l', ['the program nosuchtool is not in the image']],
  ['gosu nobody nosuchtool -x | wc -l', expect.arrayContaining(['the program nosuchtool is not in the image'])],
  ['busybox nosuchtool -x | wc -l', ['the program busybox nosuchtool is not in the image']],
  ['T=${T:-nosuchtool}; $T 2>/dev/null | wc -l', ['it starts programs whose names only the run knows']],
  ['$(which nosuchtool) -a | wc -l', ['it starts programs whose names only the run knows']],
  // package tools without a database
  [`${folder}/apk info -e telnet`, [`${folder}/apk finds no package database in the image`]],
  ['apk info -e telnet', ['the program apk is not in the image']],
  ['dpkg -l | grep nosuch', []],
  [`${folder}/apk info || nosuchtool`, [`none of the programs ${folder}/apk, nosuchtool is in the image, with a package database`]],
  [`dpkg -s bash || ${folder}/apk info`, []],
  ['dpkg --admindir /nosuch -l | grep nosuch', []],
  // what is no excuse
  ['[ -f /etc/default/nosuchtool ] && nosuchtool -D 2>/dev/null | wc -l', ['the program nosuchtool is not in the image']],
  ['[ -x /usr/sbin/nosuchtool ] && nosuchtool | wc -l', []],
  ['if ! command -v nosuchtool; then nosuchtool 2>/dev/null; fi', ['the program nosuchtool is not in the image']],
  ['if ! command -v nosuchtool; then echo none; else nosuchtool; fi', []],
  ['command -v nosuchtool || nosuchtool | wc -l', ['the program nosuchtool is not in the image']],
  ['[ ! -x /sbin/nosuchtool ] || nosuchtool | wc -l', []],
  ['nosuchtool() { command nosuchtool "$@" 2>/dev/null; }; nosuchtool | wc -l', ['the program nosuchtool is not in the image']],
  ['nosuchtool() { id; }; nosuchtool | wc -l', []],
  ['nosuchtool -l 2>/dev/null || date >/dev/null', ['the program nosuchtool is not in the image']],
  ['nosuchtool | wc -l; nosuchtool || id', ['the program nosuchtool is not in the image']],
  ['echo "unclosed', ['kscan could not read which programs the command needs (unterminated double quote)']]
])('%s', async (command, lacks) => expect(await lacksOf(command)).toEqual(lacks))

test.each([
  ['nosuch', 127, ['the program nosuch is not in the image']],
  ['./started-by-a-script', 126, ['the program ./started-by-a-script is not in the image']],
  ['. /etc/profile', 127, ['a program that the command needs is not in the image (exit 127)']],
  ['[ -f /etc/passwd ] && . /etc/profile', 127, ['a program that the command needs is not in the image (exit 127)']],
  ['command -v nosuch', 126, ['a program that the command needs could not be run (exit 126)']],
  ['type nosuch', 127, []],
  ['command -v /sbin/nosuch', 127, []],
  ['sh -c \'type "nosuch"\'', 127, []]
])('%s with exit %d', async (command, status, lacks) => expect(await lacksOf(command, status)).toEqual(lacks))

const causesOf = async (
  command: string,
  outcome: Parameters<typeof answered>[1],
  dialect: Partial<Parameters<typeof lookAgain>[2]> = {}
): Promise<string[]> => {
  const evidence = new Evidence()
  evidence.asked(evidence.recordCommand(command, answered(1, outcome)), { kind: 'control', id: 'c' })
  await lookAgain(evidence, { inspect: inShell, read }, { ...OWN, ...dialect })
  return evidence.lacks().map(({ reason }) => reason.cause)
}

test.each<[what: string, command: string, stderr: string, causes: string[]]>([
  ['what refuses beside what is missing', 'cat -x /etc/passwd | nosuchtool', "cat: invalid option -- 'x'", ['missing:nosuchtool', 'refused:cat']],
  ['but not the same once more', `cat ${folder}/closed`, `cat: ${folder}/closed: Permission denied`, [`unreadable:${folder}/closed`]],
  ['also of a program', 'nosuchtool --list', 'nosuchtool: unrecognized option: list', ['missing:nosuchtool']],
  ['but of another path', `cat ${folder}/closed /x/y`, 'cat: /x/y: Permission denied', [`unreadable:${folder}/closed`, 'refused:cat']]
])('each cause counts for itself: %s', async (_, command, stderr, causes) => expect(await causesOf(command, { stderr })).toEqual(causes))

test("each cause counts for itself: what only a foreign helper's answers leave open", async () => {
  expect(await causesOf('nosuchtool | wc -l', {}, { doubt: () => 'its own programs answer' })).toEqual(['missing:nosuchtool', 'foreign-helper'])
})

test('each cause counts for itself: what lent programs tell of a command that cannot be read', async () => {
  expect(await causesOf(`echo 'cat /root/x' | bash`, { unseen: ['r/root/x'] }, { tells: true })).toEqual(
    expect.arrayContaining(['unclear', 'unreadable:/root/x'])
  )
})

const toldOf = async (command: string, unseen: string[]): Promise<string[]> => {
  const evidence = new Evidence()
  evidence.asked(evidence.recordCommand(command, answered(0, { unseen })), { kind: 'control', id: 'c' })
  await lookAgain(evidence, { inspect: inShell, read }, { ...OWN, tells: true })
  return evidence.lacks().map(({ reason }) => reason.text)
}

test.each<[command: string, unseen: string[], lacks: string[]]>([
  ['find / -name x | wc -l', ['r/root', 'r/srv/a\u001b[2Jb\nc'], ['/root cannot be read by this user', '/srv/a\\x1b[2Jb c cannot be read by this user']],
  [`cat ${folder}/closed | wc -l`, [`r${folder}/closed`], [`${folder}/closed cannot be read by this user`]],
  ['"$x" || true', ['pnosuch'], ['the program nosuch is not in the image']],
  ['nosuchtool || true', ['pnosuchtool'], ['the program nosuchtool is not in the image']],
  ['nosuchtool || id', ['pnosuchtool'], []],
  ['which nosuchtool', ['pnosuchtool'], []],
  ['true', ['m'], ['there is more that it could not see']],
  ...["sh -c '$x | wc -l'", 'echo a | xargs $x | wc -l', "timeout 5 sh -c 'eval $x' || true", "find / -maxdepth 0 -exec $x ';' 2>/dev/null"].map(
    (command): [string, string[], string[]] => [command, [], ['it starts programs whose names only the run knows']]
  ),
  ["nosuchsh -c '$x'", ['pnosuchsh'], ['the program nosuchsh is not in the image']],
  ["eval '$x' || command $x", [], []]
])('%s whose programs tell %j', async (command, unseen, lacks) => expect(await toldOf(command, unseen)).toEqual(lacks))

test.each<[command: string, causes: string[]]>([
  ['nosuchtool || true', ['missing:nosuchtool']],
  ['nosuchtool || nosuchtoo', ['missing:nosuchtool|nosuchtoo']],
  [`nosuchtool <${folder}/closed`, ['missing:nosuchtool', `unreadable:${folder}/closed`]],
  [`[ -e ${folder}/room/x ] || true`, [`hidden:${folder}/room/x`]],
  ['[[ a ]] || true', ['shell:[[']],
  ['"$x" || true', ['unknown-program']],
  ['if', ['unclear']]
])('%s: the same lack has the same cause wherever it is', async (command, causes) => {
  const evidence = new Evidence()
  evidence.asked(evidence.recordCommand(command, answered(0)), { kind: 'control', id: 'c' })
  await lookAgain(evidence, { inspect: inShell, read }, OWN)
  expect(evidence.lacks().map(({ reason }) => reason.cause)).toEqual(causes)
})

test.each(['a=(1 2); nosuchtool', 'if true; then nosuchtool'])('%s, whose syntax the shell refused, lacks nothing else', async (command) => {
  const evidence = new Evidence()
  const refused = answered(2, { stderr: '/bin/sh: 1: Syntax error: "(" unexpected\n' })
  evidence.asked(evidence.recordCommand(command, refused), { kind: 'control', id: 'c' })
  await lookAgain(evidence, { inspect: inShell, read }, OWN)
  expect(evidence.lacks().map(({ reason }) => reason.cause)).toEqual(['syntax'])
})

test('what nobody rests on is not asked', async () => {
  const evidence = new Evidence()
  evidence.recordCommand('nosuchtool', answered(127))
  await lookAgain(evidence, { inspect: () => Promise.reject(new Error('asked')), read }, OWN)
  expect(evidence.lacks()).toEqual([])
})

test('many questions come in pieces', async () => {
  const evidence = new Evidence()
  for (let index = 0; index < 3000; index += 1)
    evidence.asked(evidence.recordCommand(`nosuch-${index} /etc/passwd-${index}`, answered(0)), { kind: 'control', id: 'c' })
  const sizes: number[] = []
  await lookAgain(
    evidence,
    {
      inspect: (code) => {
        sizes.push(code.length)
        return inShell(code)
      },
      read
    },
    OWN
  )
  expect(sizes.length).toBeGreaterThan(3)
  expect(Math.max(...sizes)).toBeLessThan(40_000)
  expect(evidence.lacks()).toHaveLength(3000)
})

test('more questions than any profile has are not asked', async () => {
  const evidence = new Evidence()
  evidence.asked(evidence.recordCommand('id', answered(0)), { kind: 'control', id: 'c' })
  const programs = Array.from({ length: 17 * 1024 }, (_, each) => `${each}${'x'.repeat(1024)}`)
  const [inspect, many] = [() => Promise.reject(new Error('asked')), () => Promise.resolve({ ...needsOf('id'), programs })]
  await expect(lookAgain(evidence, { inspect, read: many }, OWN)).rejects.toMatchObject({ code: 'SESSION_FAILED', message: expect.stringMatching(/too many$/) })
})

test.each<CommandOutcome>([
  { kind: 'lost', message: 'gone' },
  { kind: 'done', stdout: Buffer.from('99\n'), stderr: Buffer.alloc(0), status: 0 },
  { kind: 'done', stdout: Buffer.from('something\n'), stderr: Buffer.alloc(0), status: 0 },
  { kind: 'done', stdout: Buffer.alloc(0), stderr: Buffer.alloc(0), status: 2 }
])('an answer that is none (%j) is an error, never a pass', async (outcome) => {
  const evidence = new Evidence()
  evidence.asked(evidence.recordCommand('id', answered(0)), { kind: 'control', id: 'c' })
  await expect(lookAgain(evidence, { inspect: () => Promise.resolve(outcome), read }, OWN)).rejects.toThrow('could not be asked')
})
