import { createHash } from 'node:crypto'
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { KindCatalog } from '../../../../src/cluster/kind/catalog.ts'
import { chooseKind, type KindOptions, type KindProgram, readyKind } from '../../../../src/cluster/kind/program.ts'
import { ScanError } from '../../../../src/kernel/error.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import { download } from '../../../../src/process/download.ts'
import { Folder } from '../../../support/kubeconfig.ts'
import { FETCHING } from '../../../../src/kernel/fetching.ts'

const PROGRAM = Buffer.from('#!/bin/sh\necho "kind v0.33.0 go1.26 linux/amd64"\n')
const SHA = createHash('sha256').update(PROGRAM).digest('hex')

let answer: (response: ServerResponse, url: string) => void
let asked: string[] = []
const server: Server = createServer((request, response) => {
  asked.push(request.url ?? '')
  answer(response, request.url ?? '')
})
let base: string
let folder: Folder
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
beforeEach(() => {
  folder = new Folder()
  asked = []
  answer = good
})
afterEach(() => folder.remove())
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

const good = (response: ServerResponse): void => void response.writeHead(200, { 'content-length': PROGRAM.length }).end(PROGRAM)

const catalog = (): KindCatalog => ({ version: '0.33.0', from: `${base}dl/`, programs: { 'linux-amd64': SHA }, nodes: { '1.37': 'n' } })
const tools = (): string => join(folder.path, 'tools')
const options = (more: Partial<KindOptions> = {}): KindOptions => ({
  wanted: undefined,
  fetching: FETCHING,
  toolFolder: tools(),
  env: { PATH: join(folder.path, 'bin') },
  log: silentLog,
  signal: new AbortController().signal,
  machine: { platform: 'linux', arch: 'x64' },
  ...more
})
const ready = (more: Partial<KindOptions> = {}): Promise<KindProgram> => readyKind(options(more), catalog())
const failure = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown
  )
  if (!(error instanceof ScanError)) throw new Error('it did not fail as it should', { cause: error })
  return `${error.code} ${error.message}`
}
/** A kind on PATH that says this version. */
const onPath = (says: string): void => {
  mkdirSync(join(folder.path, 'bin'), { recursive: true })
  writeFileSync(join(folder.path, 'bin', 'kind'), `#!/bin/sh\n${says}\n`)
  chmodSync(join(folder.path, 'bin', 'kind'), 0o755)
}
const inTools = (): string[] => (existsSync(tools()) ? readdirSync(tools(), { recursive: true }).map(String) : [])

describe('a kind on PATH', () => {
  test.each([
    ['v0.33.0', 'path'],
    ['v0.33.2', 'path'],
    ['v0.100.0-alpha', 'path'],
    ['v0.32.9', 'downloaded'],
    ['v0.9.0', 'downloaded']
  ])('of version %s leads to the one that is %s', async (version, source) => {
    onPath(`echo "kind ${version} go1.26 linux/amd64"`)
    expect((await ready()).source).toBe(source)
  })

  test.each([
    ['says nothing of the kind', 'echo 0.33.0'],
    ['fails', 'echo broken >&2; exit 1']
  ])('that %s is passed over', async (_what, says) => {
    onPath(says)
    expect((await ready()).source).toBe('downloaded')
  })

  test('of exactly the wanted version is used, and no other', async () => {
    onPath('echo "kind v0.31.0 x"')
    expect(await ready({ wanted: '0.31.0' })).toMatchObject({ source: 'path', version: '0.31.0' })
    expect((await ready({ wanted: '0.33.0' })).source).toBe('downloaded')
    expect(await failure(ready({ wanted: '0.32.0' }))).toMatch(/no kind 0\.32\.0 to use: .*is 0\.31\.0.*knows the digest of kind 0\.33\.0 only/)
  })

  test.each([
    ['win32', 'x64'],
    ['linux', 'riscv64']
  ])('is needed on %s %s, for which there is no program', async (platform, arch) => {
    expect(await failure(ready({ machine: { platform, arch } }))).toMatch(new RegExp(`there is none for ${platform}-${arch}`))
  })
})

describe('the pinned kind', () => {
  test('is downloaded, verified, made executable for this user, and used again without being asked for', async () => {
    const program = await ready()
    expect(program).toMatchObject({ version: '0.33.0', source: 'downloaded' })
    expect([readFileSync(program.file), statSync(program.file).mode & 0o777]).toEqual([PROGRAM, 0o700])
    expect(await ready()).toEqual(program)
    expect(asked).toEqual(['/dl/kind-linux-amd64'])
  })

  test('is downloaded anew where somebody has changed it', async () => {
    const { file } = await ready()
    writeFileSync(file, 'something else')
    await ready()
    expect([readFileSync(file), asked.length]).toEqual([PROGRAM, 2])
  })

  test('is only told of, where nothing may be made', async () => {
    expect(await chooseKind(options(), catalog())).toMatchObject({ kind: 'download', sha256: SHA, url: `${base}dl/kind-linux-amd64` })
    expect([asked, inTools()]).toEqual([[], []])
  })

  test('comes by a redirection, too', async () => {
    answer = (response, url) => (url.startsWith('/dl/') ? void response.writeHead(302, { location: '/elsewhere/kind' }).end() : good(response))
    expect((await ready()).version).toBe('0.33.0')
    expect(asked).toEqual(['/dl/kind-linux-amd64', '/elsewhere/kind'])
  })

  test.each<[string, (response: ServerResponse) => void, RegExp]>([
    ['other bytes', (response) => void response.end('other'), /other bytes came \(SHA-256 [0-9a-f]{64}\), in place of SHA-256/],
    ['a page with the status 200', (response) => void response.end('<!DOCTYPE html><p>Sign in'), /a web page came/],
    ['404', (response) => void response.writeHead(404).end('<html>'), /the server answered 404/],
    ['500', (response) => void response.writeHead(500).end(), /the server answered 500/],
    [
      'half of it',
      (response) => {
        response.writeHead(200, { 'content-length': PROGRAM.length })
        response.write(PROGRAM.subarray(0, 20), () => response.destroy())
      },
      /aborted|cut after 20 bytes/
    ],
    [
      'half of it, without a length',
      (response) => {
        response.writeHead(200, { 'transfer-encoding': 'chunked' })
        response.write(PROGRAM.subarray(0, 20), () => response.destroy())
      },
      /aborted|cut after 20 bytes/
    ],
    ['redirections without an end', (response) => void response.writeHead(302, { location: '/dl/again' }).end(), /leads on and on/]
  ])('is not installed where %s come', async (_what, mishap, expected) => {
    answer = mishap
    const message = await failure(ready())
    expect(message).toMatch(/^CLUSTER_FAILED kind 0\.33\.0 could not be had: kind is not on PATH; http:\/\/127\.0\.0\.1:\d+\/dl\/kind-linux-amd64: /)
    expect(message).toMatch(expected)
    expect(inTools().some((name) => statSync(join(tools(), name)).isFile())).toBe(false)
  })

  test('is given up on interruption, with nothing left', async () => {
    const stop = new AbortController()
    answer = () => stop.abort(new ScanError('INTERRUPTED', 'Interrupted'))
    expect(await failure(ready({ signal: stop.signal }))).toBe('INTERRUPTED Interrupted')
    expect(inTools()).toEqual([])
  })
})

describe('a download', () => {
  const get = (more: Partial<Parameters<typeof download>[0]> = {}): Promise<string> =>
    download({
      url: `${base}file?token=hunter2`,
      sha256: SHA,
      mostBytes: 1000,
      timeout: 2000,
      signal: new AbortController().signal,
      env: {},
      fetching: FETCHING,
      ...more
    }).then(String, (error: unknown) => String(error))

  test('that is too slow is given up, and its address tells no secret', async () => {
    answer = (response) => void response.writeHead(200).write('a')
    expect(await get({ timeout: 150 })).toBe(`Error: ${base}file: it was not there within 0.15 s`)
  })

  test('that is longer than it may be is given up', async () => {
    expect(await get({ mostBytes: 20 })).toMatch(/it is longer than 20 bytes/)
  })

  test('from a server that is not there says so', async () => {
    expect(await get({ url: 'http://127.0.0.1:1/kind' })).toMatch(/ECONNREFUSED/)
  })
})

test.each([
  ['of all tools', ''],
  ['of kind', 'kind']
])('nothing is started from, or put into, a folder %s that others may write to', async (_what, path) => {
  await ready()
  chmodSync(join(tools(), path), 0o777)
  expect(await failure(ready())).toContain(`${join(tools(), path)}: others may write to it`)
})

test('a link to the same bytes is not started: it could lead to others a moment later', async () => {
  const { file } = await ready()
  renameSync(file, join(folder.path, 'elsewhere'))
  symlinkSync(join(folder.path, 'elsewhere'), file)
  asked = []
  expect([(await ready()).file, asked.length, lstatSync(file).isFile()]).toEqual([file, 1, true])
})
