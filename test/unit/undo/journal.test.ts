import { spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { listJournals, readJournal, resumeJournal, startJournal } from '../../../src/undo/journal.ts'

const ROLE = { kind: 'object', type: 'role', namespace: 'shop', name: 'kscan-a' } as const
const folder = (): string => mkdtempSync(join(tmpdir(), 'kscan-journal-'))

test('what was made and is not gone remains, the newest first, with its uid', () => {
  const journal = startJournal(folder(), 'a')
  journal.on({ server: 'https://one', fingerprint: 'f' })
  const [first, second, third] = [journal.make(ROLE), journal.make({ ...ROLE, name: 'kscan-b' }), journal.make({ kind: 'folder', path: '/tmp/kscan-a' })]
  journal.made(second, 'u-2')
  journal.gone(first)
  journal.finish()
  expect(readJournal(journal.file)).toEqual({
    file: journal.file,
    run: 'a',
    cluster: { server: 'https://one', fingerprint: 'f' },
    live: false,
    remaining: [
      { id: third, entry: { kind: 'folder', path: '/tmp/kscan-a' }, uid: undefined },
      { id: second, entry: { ...ROLE, name: 'kscan-b' }, uid: 'u-2' }
    ]
  })
})

test('a journal whose things are all gone is no more', () => {
  const path = folder()
  const journal = startJournal(path, 'a')
  journal.gone(journal.make(ROLE))
  journal.finish()
  expect(listJournals(path)).toEqual({ journals: [], unreadable: [] })
})

test('a line that was cut short does not hide the others, and what is written later is read', () => {
  const journal = startJournal(folder(), 'a')
  const made = journal.make(ROLE)
  appendFileSync(journal.file, '{"event":"make","id":2,"ent')
  resumeJournal(journal.file).gone(made)
  expect(readJournal(journal.file).remaining).toEqual([])
})

test('a journal that someone removed is not begun anew without its head', () => {
  const path = folder()
  const journal = startJournal(path, 'a')
  rmSync(journal.file)
  expect(() => journal.make(ROLE)).toThrow('ENOENT')
  expect(listJournals(path)).toEqual({ journals: [], unreadable: [] })
})

test('one of a process that still runs is live, one of a process that is gone or was replaced is not', () => {
  const child = spawn('sleep', ['60'])
  try {
    const start = readFileSync(`/proc/${child.pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[19] ?? ''
    const live = (owner: unknown): boolean => {
      const file = join(folder(), 'a.jsonl')
      writeFileSync(file, `${JSON.stringify({ kscan: 1, run: 'a', made: 'today', owner })}\n`)
      return readJournal(file).live
    }
    expect([live({ pid: child.pid, start }), live({ pid: child.pid, start: '1' }), live({ pid: 2 ** 22 + 1, start })]).toEqual([true, false, false])
  } finally {
    child.kill()
  }
})

test('a file that is no journal is named with the reason', () => {
  const path = folder()
  writeFileSync(join(path, 'x.jsonl'), '{"event":"gone","id":1}\n')
  expect(listJournals(path).unreadable).toEqual([{ file: join(path, 'x.jsonl'), why: expect.any(String) }])
})
