import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { contentCode, factsCode, parseFacts } from '../../../src/auditor/file-facts.ts'
import { NO_REGULAR_FILE, READING, SEPARATOR, UNSEARCHABLE } from '../../../src/session/reading.ts'

const folder = mkdtempSync(join(tmpdir(), 'kscan-reading-'))
chmodSync(folder, 0o755)
writeFileSync(join(folder, 'file'), 'x')
mkdirSync(join(folder, 'closed', 'inner'), { recursive: true })
writeFileSync(join(folder, 'closed', 'inner', 'file'), 'x')
mkdirSync(join(folder, 'closed\n', 'inner'), { recursive: true })
/** To another user where we are root, else to us. */
const CLOSED = ['closed', 'closed\n'].map((name) => join(folder, name))
const isRoot = process.getuid?.() === 0
const links = {
  'to-file': 'file',
  'to-closed-file': 'closed/inner/file',
  'to-closed-folder': join(folder, 'closed/inner'),
  dangling: 'nosuch',
  round: 'round',
  'to-newlines': 'closed\n\n',
  'to-hidden-newline': 'closed\n/inner',
  'to-link-newline': 'link\n',
  'link\n': 'closed/inner/file',
  over: 'to-closed-folder'
}
for (const [name, target] of Object.entries(links)) symlinkSync(target, join(folder, name))
/** A folder with a `stat` that gives one name to owner, group and context: what the file `name` beside it holds. */
const stubs = join(folder, 'stubs')
mkdirSync(stubs)
writeFileSync(
  join(stubs, 'stat'),
  `#!/bin/sh
while [ "$1" != -c ]; do shift; done
name=$(cat '${join(stubs, 'name')}'; echo .); name=\${name%.}; said=$2
for field in U G C; do said=\${said%%"%$field"*}$name\${said#*"%$field"}; done
for field in f u g s Y; do said=\${said%%"%$field"*}1\${said#*"%$field"}; done
printf '%s\\n' "$said"
`,
  { mode: 0o755 }
)
for (const each of CLOSED) chmodSync(each, isRoot ? 0o700 : 0)
afterAll(() => {
  for (const each of CLOSED) chmodSync(each, 0o700)
  rmSync(folder, { recursive: true, force: true })
})

/** Runs our code in a real sh, as a user to whom folders can be closed where we are root. */
const inShell = (code: Buffer, env: NodeJS.ProcessEnv = process.env): { status: number; stdout: Buffer } => {
  const ids = isRoot ? { uid: 65534, gid: 65534 } : {}
  const script = join(folder, 'script') // argv of Node cannot hold all bytes
  writeFileSync(script, Buffer.concat([Buffer.from(`kscan_newline='\n'\n${READING}\n(`), code, Buffer.from(')\n')]))
  const { status, stdout } = spawnSync('/bin/sh', [script], { ...ids, cwd: folder, env })
  return { status: status ?? -1, stdout }
}

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')

describe('what is said of a path', () => {
  test.each([
    ['file', 0, true, true],
    ['nosuch', 0, false, false],
    ['nosuch/below', 0, false, false],
    ['file/below', 0, false, false],
    ['to-file', 0, true, true],
    ['dangling', 0, true, false],
    ['dangling/below', 0, false, false],
    ['round', 0, true, false],
    ['round/below', 0, false, false],
    ['closed', 0, true, true],
    ['closed/nosuch', UNSEARCHABLE, false, false],
    ['closed/inner/file', UNSEARCHABLE, false, false],
    ['to-closed-file', UNSEARCHABLE, true, false],
    ['to-closed-folder/file', UNSEARCHABLE, false, false],
    ['to-newlines', 0, true, false],
    ['to-newlines/below', 0, false, false],
    ['to-hidden-newline', UNSEARCHABLE, true, false],
    ['to-hidden-newline/below', UNSEARCHABLE, false, false],
    ['to-link-newline', UNSEARCHABLE, true, false],
    ['over/nosuch', UNSEARCHABLE, false, false],
    ['over', UNSEARCHABLE, true, false]
  ])('%s: exit %d, present %s, leads to something %s', (path, status, present, exists) => {
    for (const whole of [join(folder, path), path]) {
      const ran = inShell(factsCode(Buffer.from(whole)))
      const known = ran.status === 1 ? 0 : ran.status // stat's word where the system has no SELinux
      expect([known, parseFacts(ran.stdout, ran.status)]).toEqual([status, expect.objectContaining({ present, exists })])
    }
  })

  test.each([
    ['file', 0],
    ['to-file', 0],
    ['closed', NO_REGULAR_FILE],
    ['nosuch', NO_REGULAR_FILE],
    ['dangling', NO_REGULAR_FILE],
    ['closed/inner/file', UNSEARCHABLE],
    ['to-closed-file', UNSEARCHABLE],
    ['to-closed-folder/file', UNSEARCHABLE]
  ])('the content of %s: exit %d', (path, status) => expect(inShell(contentCode(Buffer.from(join(folder, path)))).status).toBe(status))

  test.each([
    ['a blank', 'domain users'],
    ['blanks around', ' a '],
    ['a colon', 'a:b'],
    ['a newline', 'a\nb'],
    ['newlines at its end', 'a\n\n'],
    ['a backslash', 'DOMAIN\\user'],
    ['no UTF-8', 'caf\xe9'],
    ['what looks like our answer', '11\n81a4 0 0 0 0'],
    ['the beginning of a separator', SEPARATOR.slice(0, -1)],
    ['the end of a separator', SEPARATOR.slice(1)],
    ['nothing', '']
  ])('names that are or hold %s are told to the byte', (_, name) => {
    const env = { PATH: `${stubs}:${process.env['PATH'] ?? ''}` }
    writeFileSync(join(stubs, 'name'), bytes(name))
    const same = { owner: name, group: name, selinux: name === '' ? null : name }
    for (const path of ['file', 'to-file']) {
      const ran = inShell(factsCode(Buffer.from(path)), env)
      expect([ran.status, parseFacts(ran.stdout, ran.status)]).toEqual([0, expect.objectContaining({ present: true, stat: expect.objectContaining(same) })])
    }
    if (name === '') return
    rmSync(join(folder, 'named'), { force: true })
    symlinkSync(bytes(name), join(folder, 'named'))
    const ran = inShell(factsCode(Buffer.from('named')), env)
    expect(parseFacts(ran.stdout, ran.status)).toMatchObject({ present: true, link: name, lstat: same })
  })

  test('a name that holds our separator is no answer', () => {
    writeFileSync(join(stubs, 'name'), `a${SEPARATOR}b`)
    for (const [path, answer] of [
      ['file', undefined],
      ['to-file', expect.objectContaining({ lstat: null, stat: null })]
    ] as const) {
      const ran = inShell(factsCode(Buffer.from(path)), { PATH: `${stubs}:${process.env['PATH'] ?? ''}` })
      expect(parseFacts(ran.stdout, ran.status)).toEqual(answer)
    }
  })

  test('a link of an image without readlink is a lack', () => {
    const bare = mkdtempSync(join(folder, 'bare-'))
    chmodSync(bare, 0o755)
    symlinkSync(join(stubs, 'stat'), join(bare, 'stat'))
    symlinkSync('/bin/cat', join(bare, 'cat'))
    expect(inShell(factsCode(Buffer.from('to-file')), { PATH: bare }).status).toBe(127)
  })

  test('a link that leads through itself holds nothing up', () => {
    symlinkSync('itself/x', join(folder, 'itself'))
    const begun = performance.now()
    const ran = inShell(factsCode(Buffer.from(join(folder, 'itself'))))
    expect(parseFacts(ran.stdout, ran.status)).toMatchObject({ present: true, exists: false, link: 'itself/x' })
    expect(performance.now() - begun).toBeLessThan(3000)
  })

  test('a stat that says nothing is no answer, one that is missing leaves that the path is there', () => {
    expect(parseFacts(Buffer.alloc(0), 137)).toBeUndefined()
    expect(parseFacts(Buffer.alloc(0), 127)).toEqual({ present: true, exists: true, lstat: null, stat: null, link: null, real: null })
  })
})
