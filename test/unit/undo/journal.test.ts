import { spawn } from 'node:child_process'
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { type Journal, resumeJournal, startJournal } from '../../../src/undo/journal.ts'
import { readSeal, type Seal, showSeal } from '../../../src/undo/line.ts'
import { listJournals, readJournal, sealedJournal } from '../../../src/undo/read-journal.ts'

const RUN = 'abcdefghij'
const ROLE = { kind: 'object', type: 'role', namespace: 'shop', name: `kscan-${RUN}` } as const
const FOLDER = { kind: 'folder', path: `/tmp/kscan-${RUN}` } as const
const folder = (): string => mkdtempSync(join(tmpdir(), 'kscan-journal-'))
const start = (path = folder()): Journal => startJournal(path, RUN)

test('what was made and is not gone remains, the newest first, with its uid', () => {
  const journal = start()
  journal.on({ server: 'https://one', fingerprint: 'f' })
  const [first, second, third] = [journal.make(ROLE), journal.make({ ...ROLE, type: 'rolebinding' }), journal.make(FOLDER)]
  journal.made(second, 'u-2')
  journal.gone(first)
  journal.finish()
  expect(readJournal(journal.file)).toEqual({
    file: journal.file,
    run: RUN,
    cluster: { server: 'https://one', fingerprint: 'f' },
    live: false,
    remaining: [
      { id: third, entry: FOLDER, uid: undefined },
      { id: second, entry: { ...ROLE, type: 'rolebinding' }, uid: 'u-2' }
    ],
    refused: []
  })
})

test('a journal whose things are all gone is no more', () => {
  const path = folder()
  const journal = start(path)
  journal.gone(journal.make(ROLE))
  journal.finish()
  expect(listJournals(path)).toEqual({ journals: [], unreadable: [] })
})

test('a line that was cut short does not hide the others, and what is written later is read', () => {
  const journal = start()
  const made = journal.make(ROLE)
  appendFileSync(journal.file, '{"event":"make","id":2,"ent')
  resumeJournal(readJournal(journal.file)).gone(made)
  expect(readJournal(journal.file)).toMatchObject({ remaining: [], refused: [] })
})

test('a journal that someone removed is not begun anew without its head', () => {
  const path = folder()
  const journal = start(path)
  rmSync(journal.file)
  expect(() => journal.make(ROLE)).toThrow('ENOENT')
  expect(listJournals(path)).toEqual({ journals: [], unreadable: [] })
})

test('one of a process that still runs is live, one of a process that is gone or was replaced is not', () => {
  const child = spawn('sleep', ['60'])
  try {
    const start = readFileSync(`/proc/${child.pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[19] ?? ''
    const live = (owner: unknown): boolean => {
      const file = join(folder(), `${RUN}.jsonl`)
      writeFileSync(file, `${JSON.stringify({ kscan: 1, run: RUN, made: 'today', owner })}\n`)
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

describe('what others can have written', () => {
  const POD = { kind: 'object', type: 'pod', namespace: 'shop', name: `kscan-${RUN}-0` }
  const SHELL = { kind: 'shell', namespace: 'shop', pod: 'web', podUid: 'u', container: 'main', containerId: 'containerd://c', pid: 7, start: '1' }
  const HELPER = { kind: 'helper', namespace: 'shop', pod: 'web', podUid: 'u', container: `kscan-${RUN}-main-0` }
  const CLUSTER = { kind: 'kind-cluster', name: `kscan-${RUN}-aaaaaa`, engine: 'docker', endpoint: '' }
  const NETWORK = { kind: 'kind-network', network: 'kind', container: 'a'.repeat(64), engine: 'docker', endpoint: '' }

  test.each<[string, unknown]>([
    ['role', ROLE],
    ['role of further rights', { ...ROLE, name: `kscan-${RUN}-debug-container-0` }],
    ['pod', POD],
    ['shell', SHELL],
    ['helper', HELPER],
    ['folder', FOLDER],
    ['cluster', CLUSTER],
    ['network', NETWORK]
  ])('a %s as kscan notes it is an entry', (_what, entry) => {
    const { file } = start()
    appendFileSync(file, `${JSON.stringify({ event: 'make', id: 1, entry })}\n`)
    expect(readJournal(file)).toMatchObject({ remaining: [{ entry }], refused: [] })
  })

  test.each<[string, unknown]>([
    ['the way up to the namespace', { ...POD, name: '..' }],
    ['the way up, encoded', { ...POD, name: '%2e%2e' }],
    ['the object itself', { ...POD, name: '.' }],
    ['no name', { ...POD, name: '' }],
    ['a path behind the name', { ...POD, name: `kscan-${RUN}-0/../../../namespaces/shop` }],
    ['a query behind the name', { ...POD, name: `kscan-${RUN}-0?x` }],
    ['the way up for a namespace', { ...POD, namespace: '..' }],
    ['no namespace', { ...POD, namespace: '' }],
    ['a namespace', { ...POD, type: 'namespace', name: 'shop' }],
    ['a deployment', { ...POD, type: 'deployment' }],
    ['somebody’s pod', { ...POD, name: 'web' }],
    ['a pod of another run', { ...POD, name: 'kscan-klmnopqrst-0' }],
    ['a pod with the name of a deployment’s', { ...POD, name: `kscan-${RUN}-6d4b75cb6d-hwpqx` }],
    ['the default account', { ...ROLE, type: 'serviceaccount', name: 'default' }],
    ['the installed account', { ...ROLE, type: 'serviceaccount', name: 'kscan' }],
    ['somebody’s role', { ...ROLE, name: 'admin' }],
    ['a field more', { ...ROLE, path: '/api/v1/namespaces/shop' }],
    ['the first process of a container', { ...SHELL, pid: 1 }],
    ['all processes', { ...SHELL, pid: -1 }],
    ['a broken process id', { ...SHELL, pid: 7.5 }],
    ['a process id as text', { ...SHELL, pid: '7' }],
    ['shell code for a time', { ...SHELL, start: '1 ]; touch /tmp/x; [ 1' }],
    ['a container of the pod that is no helper', { ...HELPER, container: 'main' }],
    ['a helper of another run', { ...HELPER, container: 'kscan-klmnopqrst-main-0' }],
    ['a pod above', { ...HELPER, pod: '..' }],
    ['a home', { ...FOLDER, path: '/root' }],
    ['a folder of another run', { ...FOLDER, path: '/tmp/kscan-klmnopqrst' }],
    ['a relative folder', { ...FOLDER, path: `kscan-${RUN}` }],
    ['somebody’s cluster', { ...CLUSTER, name: 'kind' }],
    ['an option for a cluster', { ...CLUSTER, name: `--kscan-${RUN}` }],
    ['an engine of its own', { ...CLUSTER, engine: '/tmp/docker' }],
    ['an option for a network', { ...NETWORK, network: '--help' }],
    ['a container by name', { ...NETWORK, container: 'database' }],
    ['nothing', {}]
  ])('an entry for %s is refused, and hides no other', (_what, entry) => {
    const { file } = start()
    const lines = [
      { event: 'make', id: 1, entry: ROLE },
      { event: 'make', id: 2, entry }
    ]
    appendFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    expect(readJournal(file)).toMatchObject({ remaining: [{ id: 1, entry: ROLE }], refused: [3] })
  })

  test.each<[string, unknown]>([
    ['a second cluster', { event: 'cluster', id: 0, server: 'https://two', fingerprint: 'g' }],
    ['another thing under the same number', { event: 'make', id: 1, entry: { ...ROLE, namespace: 'other' } }],
    ['another uid', { event: 'made', id: 1, uid: 'u-2' }],
    ['a uid that is none', { event: 'made', id: 1, uid: '../x' }],
    ['another word', { event: 'remove', id: 1 }]
  ])('%s is refused', (_what, line) => {
    const journal = start()
    journal.on({ server: 'https://one', fingerprint: 'f' })
    journal.made(journal.make(ROLE), 'u-1')
    appendFileSync(journal.file, `${JSON.stringify(line)}\n`)
    expect(readJournal(journal.file)).toMatchObject({
      cluster: { fingerprint: 'f' },
      remaining: [{ entry: ROLE, uid: 'u-1' }],
      refused: [5]
    })
  })

  test('a journal with a line that kscan does not write stays', () => {
    const journal = start()
    const made = journal.make(ROLE)
    appendFileSync(journal.file, '{"event":"remove"}\n')
    const resumed = resumeJournal(readJournal(journal.file))
    resumed.gone(made)
    resumed.finish()
    expect(readJournal(journal.file)).toMatchObject({ remaining: [], refused: [3] })
  })

  test.each<[string, (file: string) => void, RegExp]>([
    ['of another name', (file) => renameSync(file, file.replace(RUN, 'klmnopqrst')), /it is of the run/],
    ['that others may write to', (file) => chmodSync(file, 0o622), /others may write to it/],
    ['that is too long', (file) => truncateSync(file, 5 * 1024 * 1024), /more than/],
    ['that is a link', (file) => (renameSync(file, `${file}.real`), symlinkSync(`${file}.real`, file)), /ELOOP/],
    ['that is a folder', (file) => (rmSync(file), mkdirSync(file)), /EISDIR|no file/]
  ])('a journal %s is not read', (_what, change, why) => {
    const path = folder()
    change(start(path).file)
    expect(listJournals(path)).toMatchObject({ journals: [], unreadable: [{ why: expect.stringMatching(why) }] })
  })

  test.each<[string, (path: string) => string]>([
    ['to which others may write', (path) => (chmodSync(path, 0o777), path)],
    [
      'that is a link',
      (path) => {
        symlinkSync(path, `${path}-link`)
        return `${path}-link`
      }
    ]
  ])('a folder %s is neither read nor written to', (_what, change) => {
    const path = folder()
    start(path)
    const changed = change(path)
    expect(() => listJournals(changed)).toThrow(expect.objectContaining({ code: 'JOURNAL_FAILED' }))
    expect(() => startJournal(changed, 'klmnopqrst')).toThrow(expect.objectContaining({ code: 'JOURNAL_FAILED' }))
  })

  test('a link that takes the place of the journal of a run is not written to', () => {
    const journal = start()
    const other = join(folder(), 'other')
    writeFileSync(other, 'mine')
    rmSync(journal.file)
    symlinkSync(other, journal.file)
    expect(() => journal.make(ROLE)).toThrow()
    expect(readFileSync(other, 'utf8')).toBe('mine')
  })
})

describe('the seal of a journal', () => {
  const sealedRun = (): { path: string; journal: Journal; seal: () => Seal } => {
    const path = folder()
    let last: Seal | undefined
    const journal = startJournal(path, RUN, (seal) => (last = seal === undefined ? undefined : readSeal(showSeal(seal))))
    return { path, journal, seal: () => last as Seal }
  }

  test('holds all that was written', () => {
    const { path, journal, seal } = sealedRun()
    journal.make(ROLE)
    expect(sealedJournal(path, seal()).journals).toMatchObject([{ run: RUN, remaining: [{ entry: ROLE }] }])
  })

  test('does not hold what was added later, by whomever', () => {
    const { path, journal, seal } = sealedRun()
    journal.make(ROLE)
    const [line] = readFileSync(journal.file, 'utf8').split('\n').slice(-2)
    appendFileSync(journal.file, `${line?.replace('"id":1', '"id":2').replace('shop', 'other')}\n`)
    expect(sealedJournal(path, seal()).journals).toMatchObject([{ remaining: [{ entry: ROLE }], refused: [] }])
  })

  test('does not fit what was changed', () => {
    const { path, journal, seal } = sealedRun()
    journal.make(ROLE)
    writeFileSync(journal.file, readFileSync(journal.file, 'utf8').replace('shop', 'plus'))
    expect(sealedJournal(path, seal())).toMatchObject({ journals: [], unreadable: [{ why: 'it was changed since the run wrote it' }] })
  })

  test('opens no other journal', () => {
    const { path, journal, seal } = sealedRun()
    startJournal(path, 'klmnopqrst').make({ ...ROLE, name: 'kscan-klmnopqrst' })
    journal.gone(journal.make(ROLE))
    const last = seal()
    journal.finish()
    expect(seal()).toBeUndefined() // whoever ends it forgets it
    expect(sealedJournal(path, last)).toMatchObject({ journals: [], unreadable: [{ file: journal.file }] })
  })

  test.each(['', 'abcdefghij', '../../x-1-' + 'a'.repeat(64), `${RUN}-1-${'a'.repeat(63)}`, `${RUN}--1-${'a'.repeat(64)}`])('is not %j', (text) => {
    expect(readSeal(text)).toBeUndefined()
  })
})
