import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { contentCode, factsCode, parseFacts } from '../../../src/auditor/file-facts.ts'
import { NO_REGULAR_FILE, READING, UNSEARCHABLE } from '../../../src/session/reading.ts'

const folder = mkdtempSync(join(tmpdir(), 'kscan-reading-'))
chmodSync(folder, 0o755)
writeFileSync(join(folder, 'file'), 'x')
mkdirSync(join(folder, 'closed', 'inner'), { recursive: true })
writeFileSync(join(folder, 'closed', 'inner', 'file'), 'x')
chmodSync(join(folder, 'closed'), 0o700)
const links = {
  'to-file': 'file',
  'to-closed-file': 'closed/inner/file',
  'to-closed-folder': join(folder, 'closed/inner'),
  dangling: 'nosuch',
  round: 'round',
  over: 'to-closed-folder'
}
for (const [name, target] of Object.entries(links)) symlinkSync(target, join(folder, name))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs our code in a real sh, as a user to whom folders can be closed where we are root. */
const inShell = (code: Buffer): { status: number; stdout: Buffer } => {
  const ids = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  const { status, stdout } = spawnSync('/bin/sh', ['-c', `${READING}\n(${code.toString()})`], { ...ids, cwd: folder })
  return { status: status ?? -1, stdout }
}

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
