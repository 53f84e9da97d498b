import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { openExisting } from '../../../src/cluster/existing.ts'
import { metadata } from '../../../src/cluster/manifests.ts'
import { cleanupCommand } from '../../../src/command/cleanup.ts'
import { terminalHost } from '../../../src/host/terminal.ts'
import { type Journal, startJournal } from '../../../src/undo/journal.ts'
import { showSeal } from '../../../src/undo/line.ts'
import { type ApiServer, startApiServer } from '../../support/api-server/server.ts'
import { Folder } from '../../support/kubeconfig.ts'

const RUN = 'abcdefghij'
const OTHER = 'klmnopqrst'
const SOON = Date.now() / 1000 + 3600

let server: ApiServer
let fingerprint: string
let folder: Folder
let said: string
beforeAll(async () => {
  server = await startApiServer()
  server.addNamespace('shop')
  const own = new Folder()
  const cluster = await openExisting({ kubeconfig: own.file('config', server.kubeconfig()), context: undefined, allowExec: false, env: {} })
  cluster.connection.agent.destroy()
  own.remove()
  fingerprint = cluster.fingerprint
})
beforeEach(() => {
  folder = new Folder()
  said = ''
})
afterEach(() => {
  folder.remove()
  server.faults.clear()
  for (const { metadata: found } of server.objects.list('roles', 'shop')) server.objects.remove('roles', 'shop', found.name)
})
afterAll(() => server.close())

const journals = (): string => join(folder.path, 'kscan')
const left = (): string[] => server.objects.list('roles', 'shop').map(({ metadata: { name } }) => name)

/** Resolves with the exit code. */
const cleanup = (more: { run?: string; expired?: boolean; seal?: string; context?: string } = {}): Promise<number> => {
  const { run, expired = false, seal, context } = more
  const out = new Writable({ write: (chunk, _encoding, done) => done(void (said += String(chunk))) }) as NodeJS.WriteStream
  const env = { KUBECONFIG: folder.file('config', server.kubeconfig()), XDG_STATE_HOME: folder.path, HOME: folder.path, TMPDIR: folder.path }
  const host = terminalHost({ env, verbose: false, stderr: out, stdout: out })
  const signal = new AbortController().signal
  return cleanupCommand({
    flags: new Map(context === undefined ? [] : [['context', { value: context, origin: 'flag' as const }]]),
    files: [],
    run,
    sweep: run !== undefined,
    ...(seal === undefined ? {} : { seal }),
    expired,
    json: false,
    host,
    signal,
    version: '0',
    plugin: ''
  })
}

/** A role of a run in the cluster; returns its uid. */
const put = (run: string, expires: unknown = SOON): string => {
  const { labels, annotations } = metadata('shop', `kscan-${run}`, { run, expires: 0, owner: userInfo().username })
  const marks = { ...(labels as Record<string, string>), 'kscan.dev/expires-at': String(expires) }
  return server.objects.put('roles', {
    namespace: 'shop',
    name: `kscan-${run}`,
    metadata: { labels: marks, annotations },
    fields: { rules: [] }
  }).metadata.uid
}

/** The journal of a run that ended after it had made a role. */
const journalOf = (run: string, uid = put(run), on = fingerprint): Journal => {
  const journal = startJournal(journals(), run)
  journal.on({ server: server.url, fingerprint: on })
  journal.made(journal.make({ kind: 'object', type: 'role', namespace: 'shop', name: `kscan-${run}` }), uid)
  return journal
}

describe('where there is nothing to be done', () => {
  test('a context that is not there is bad input all the same, and the names are told', async () => {
    expect([await cleanup({ context: 'prdo' }), said]).toEqual([2, expect.stringMatching(/context: expected one of \S+; got prdo/)])
  })

  test('one that is there passes', async () => {
    const [, name = ''] = /^current-context: (.*)$/m.exec(server.kubeconfig()) ?? /"current-context": ?"(.*?)"/.exec(server.kubeconfig()) ?? []
    expect([name === '', await cleanup({ context: name }), said]).toEqual([false, 0, expect.stringContaining('nothing to clean up')])
  })
})

describe('what a run that ended has left', () => {
  test('is removed by its journal, and the journal with it', async () => {
    journalOf(RUN)
    expect([await cleanup(), left(), said, readdirSync(journals())]).toEqual([0, [], `removed role shop/kscan-${RUN}\n`, []])
  })

  test('is left alone where another object has its name, and is told to be gone', async () => {
    journalOf(RUN, 'u-1')
    put(RUN)
    expect([await cleanup(), left(), said]).toEqual([0, [`kscan-${RUN}`], `already gone: role shop/kscan-${RUN}\n`])
  })

  test('is not touched where it was on another cluster', async () => {
    const { file } = journalOf(RUN, put(RUN), 'of-another')
    expect([await cleanup(), left(), existsSync(file)]).toEqual([4, [`kscan-${RUN}`], true])
    expect(said).toContain(`run ${RUN} was on another cluster`)
  })

  test('stays in the journal where it cannot be removed, and hides no other', async () => {
    const { file } = journalOf(RUN)
    journalOf(OTHER)
    const body = { kind: 'Status', message: 'you may not', code: 403 }
    server.faults.add({ method: 'DELETE', path: new RegExp(`kscan-${RUN}$`), mishap: { kind: 'answer', answer: { status: 403, body } } })
    expect([await cleanup(), left(), existsSync(file)]).toEqual([4, [`kscan-${RUN}`], true])
    expect(said).toContain(`could not be removed: role shop/kscan-${RUN}: `)
    expect(said).toContain(`removed role shop/kscan-${OTHER}\n`)
  })

  test.each([
    ['is removed', `kscan-${RUN}`, 0, false],
    ['stays where it is not named like one', 'kscan-reports', 4, true],
    ['stays where it is in no folder for such', `deep/kscan-${RUN}`, 4, true]
  ])('of private folders %s', async (_what, name, code, there) => {
    const path = join(folder.path, name)
    mkdirSync(path, { recursive: true })
    writeFileSync(join(path, 'a file'), '')
    startJournal(journals(), RUN).make({ kind: 'folder', path })
    expect([await cleanup(), existsSync(join(path, 'a file'))]).toEqual([code, there])
  })
})

describe('what a run that still runs has made', () => {
  const child = spawn('sleep', ['600'])
  afterAll(() => void child.kill())

  test.each<[string, Parameters<typeof cleanup>[0], number]>([
    ['is not touched, and keeps nothing from being done', {}, 0],
    ['is not touched where that run is named', { run: RUN }, 4]
  ])('%s', async (_what, more, code) => {
    const { file } = journalOf(RUN)
    const start = readFileSync(`/proc/${child.pid}/stat`, 'latin1').split(') ')[1]?.split(' ')[19] ?? ''
    const [head = '', ...rest] = readFileSync(file, 'utf8').split('\n')
    writeFileSync(file, [JSON.stringify({ ...JSON.parse(head), owner: { pid: child.pid, start } }), ...rest].join('\n'))
    expect([await cleanup(more), left(), existsSync(file)]).toEqual([code, [`kscan-${RUN}`], true])
    expect(said).toContain(`run ${RUN} still runs: nothing of it was touched\n`)
  })
})

describe('of what a journal names', () => {
  test('a link in the place of the private folder is not followed, and stays', async () => {
    const [own, other] = [join(folder.path, `kscan-${RUN}`), join(folder.path, 'other')]
    mkdirSync(other)
    writeFileSync(join(other, 'a file'), '')
    symlinkSync(other, own)
    startJournal(journals(), RUN).make({ kind: 'folder', path: own })
    expect([await cleanup(), existsSync(join(own, 'a file'))]).toEqual([4, true])
  })

  test('an object whose creation was not answered is removed with the marks of the run, and left alone without', async () => {
    const entry = { kind: 'object', type: 'role', namespace: 'shop', name: `kscan-${RUN}` } as const
    const journal = startJournal(journals(), RUN)
    journal.on({ server: server.url, fingerprint })
    journal.make(entry)
    server.objects.put('roles', { namespace: 'shop', name: entry.name, metadata: {}, fields: { rules: [] } })
    expect([await cleanup(), left(), said]).toEqual([4, [entry.name], expect.stringContaining('left alone')])
    server.objects.remove('roles', 'shop', entry.name)
    put(RUN)
    expect([await cleanup(), left(), existsSync(journal.file)]).toEqual([0, [], false])
  })

  test('what kscan does not write does nothing, is told, and keeps the journal', async () => {
    const { file } = journalOf(RUN)
    const entry = { kind: 'object', type: 'pod', namespace: 'shop', name: '..' }
    appendFileSync(file, `${JSON.stringify({ event: 'make', id: 7, entry })}\n`)
    const before = server.requests.length
    expect([await cleanup(), left(), existsSync(file)]).toEqual([4, [], true])
    expect(server.requests.slice(before).flatMap(({ method, path }) => (method === 'DELETE' ? [path] : []))).toEqual([
      `/apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles/kscan-${RUN}`
    ])
    expect(said).toContain(`line 5 of ${file}: kscan did not write this line`)
  })
})

describe('the post step', () => {
  /** A run that ended after it had made a role, with what it remembered for its post step. */
  const sealed = (run: string): { journal: Journal; seal: () => string } => {
    let last = ''
    const journal = startJournal(journals(), run, (seal) => (last = seal === undefined ? '' : showSeal(seal)))
    journal.on({ server: server.url, fingerprint })
    journal.made(journal.make({ kind: 'object', type: 'role', namespace: 'shop', name: `kscan-${run}` }), put(run))
    return { journal, seal: () => last }
  }

  test('undoes what its run has left, and that of no other', async () => {
    const { seal } = sealed(RUN)
    journalOf(OTHER)
    expect([await cleanup({ seal: seal() }), left(), readdirSync(journals())]).toEqual([0, [`kscan-${OTHER}`], [`${OTHER}.jsonl`]])
  })

  test('whose run came to no journal does nothing', async () => {
    journalOf(OTHER)
    expect([await cleanup({ seal: '' }), left()]).toEqual([0, [`kscan-${OTHER}`]])
  })

  test('does nothing of what a later step has added, and undoes its own', async () => {
    const { journal, seal } = sealed(RUN)
    const uid = put(RUN.replace('a', 'b'))
    const entry = { kind: 'object', type: 'role', namespace: 'shop', name: `kscan-${RUN.replace('a', 'b')}` }
    appendFileSync(journal.file, `${JSON.stringify({ event: 'make', id: 7, entry })}\n${JSON.stringify({ event: 'made', id: 7, uid })}\n`)
    expect([await cleanup({ seal: seal() }), left(), existsSync(journal.file)]).toEqual([0, [entry.name], false])
  })

  test('touches nothing where a later step has changed the journal', async () => {
    const { journal, seal } = sealed(RUN)
    writeFileSync(journal.file, readFileSync(journal.file, 'utf8').replace('"shop"', '"plus"'))
    expect([await cleanup({ seal: seal() }), left(), said]).toEqual([4, [`kscan-${RUN}`], expect.stringContaining('it was changed since the run wrote it')])
  })
})

describe('without a journal', () => {
  beforeEach(() => {
    put(RUN, SOON)
    put(OTHER, 5)
    put('unreadable', 'never')
  })

  test('nothing is removed unless it is asked for', async () => {
    expect([await cleanup(), left()]).toEqual([0, [`kscan-${RUN}`, `kscan-${OTHER}`, 'kscan-unreadable']])
  })

  test('the run that is named is removed, and no other', async () => {
    expect([await cleanup({ run: RUN }), left(), said]).toEqual([0, [`kscan-${OTHER}`, 'kscan-unreadable'], `removed role shop/kscan-${RUN}\n`])
  })

  test('what has expired is removed, and nothing whose time is not over or cannot be read', async () => {
    expect([await cleanup({ expired: true }), left(), said]).toEqual([0, [`kscan-${RUN}`, 'kscan-unreadable'], `removed role shop/kscan-${OTHER}\n`])
  })
})
