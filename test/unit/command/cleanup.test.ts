import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { openExisting } from '../../../src/cluster/existing.ts'
import { metadata } from '../../../src/cluster/manifests.ts'
import { cleanupCommand } from '../../../src/command/cleanup.ts'
import { terminalHost } from '../../../src/host/terminal.ts'
import { type Journal, startJournal } from '../../../src/undo/journal.ts'
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
const cleanup = (more: { run?: string; expired?: boolean } = {}): Promise<number> => {
  const { run, expired = false } = more
  const out = new Writable({ write: (chunk, _encoding, done) => done(void (said += String(chunk))) }) as NodeJS.WriteStream
  const env = { KUBECONFIG: folder.file('config', server.kubeconfig()), XDG_STATE_HOME: folder.path, HOME: folder.path }
  const host = terminalHost({ env, verbose: false, stderr: out, stdout: out })
  const signal = new AbortController().signal
  return cleanupCommand({ flags: new Map(), files: [], run, sweep: run !== undefined, expired, json: false, host, signal, version: '0', plugin: '' })
}

/** A role of a run in the cluster; returns its uid. */
const put = (run: string, expires: unknown = SOON): string => {
  const { labels } = metadata('shop', `kscan-${run}`, { run, expires: 0, owner: 'me' })
  const marks = { ...(labels as Record<string, string>), 'kscan.dev/expires-at': String(expires) }
  return server.objects.put('roles', { namespace: 'shop', name: `kscan-${run}`, metadata: { labels: marks }, fields: { rules: [] } }).metadata.uid
}

/** The journal of a run that ended after it had made a role. */
const journalOf = (run: string, uid = put(run), on = fingerprint): Journal => {
  const journal = startJournal(journals(), run)
  journal.on({ server: server.url, fingerprint: on })
  journal.made(journal.make({ kind: 'object', type: 'role', namespace: 'shop', name: `kscan-${run}` }), uid)
  return journal
}

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
    ['stays where it is not named like one', 'kscan-reports', 4, true]
  ])('of private folders %s', async (_what, name, code, there) => {
    const path = join(folder.path, name)
    mkdirSync(path)
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
