import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { houseAt } from '../../../scripts/release/check/house.ts'
import { cincCatalogOf } from '../../../scripts/cinc/packages.ts'
import { digestDisagreements } from '../../../scripts/release/check/digests.ts'

const VERSION = '7.0.107'

/** A Debian archive with one member, as `ar` writes it. */
const deb = (text: string): Buffer => {
  const data = Buffer.from(text.length % 2 === 0 ? text : `${text} `)
  const header = `${'data.tar.xz'.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(data.length).padEnd(10)}\`\n`
  return Buffer.concat([Buffer.from(`!<arch>\n${header}`), data])
}
const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

type Give = (response: ServerResponse, path: string) => void

/** What the servers hold, and what they do instead for paths that match. */
let packages: Map<string, Buffer>
let instead: readonly (readonly [RegExp, Give])[]
let asked: string[]
let base: string
const server = createServer((request, response) => {
  const url = new URL(request.url ?? '', base)
  const asking = `${url.pathname}${url.search}`
  asked.push(asking)
  const [, give] = instead.find(([pattern]) => pattern.test(asking)) ?? []
  if (give !== undefined) return give(response, asking)
  if (url.pathname.startsWith('/service/')) return metadata(url.searchParams, response)
  const path = url.pathname.replace('/files/', '')
  const beside = packages.get(path.replace('.metadata.json', ''))
  if (beside === undefined) return void response.writeHead(404).end('none')
  response.end(path.endsWith('.metadata.json') ? JSON.stringify({ basename: 'x', sha256: sha(beside) }) : beside)
})

/** Of CINC's service: the newest of a version's start; 404 for what it has not. */
const metadata = (query: URLSearchParams, response: ServerResponse): void => {
  const [p, pv, m, v] = ['p', 'pv', 'm', 'v'].map((name) => query.get(name) ?? '')
  const path = `${v}/${p}/${pv}/cinc-auditor_${v}-1_${m === 'aarch64' ? 'arm64' : 'amd64'}.deb`
  const bytes = packages.get(path)
  if (bytes === undefined) return void response.writeHead(404).end('No cinc-auditor found')
  response.end(JSON.stringify({ sha1: 'a', sha256: sha(bytes), url: `${base}/files/${path}`, version: v }))
}

let folder: string
let out: string
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kscan-cinc-catalog-'))
  out = join(folder, 'catalog.json')
  writeFileSync(out, 'as it was')
  asked = []
  instead = []
  packages = new Map(
    ['ubuntu/22.04', 'ubuntu/24.04'].flatMap((system) =>
      ['amd64', 'arm64'].map((name) => [`${VERSION}/${system}/cinc-auditor_${VERSION}-1_${name}.deb`, deb(`${system} ${name}`)])
    )
  )
})
afterEach(() => rmSync(folder, { recursive: true }))

interface Told {
  readonly code: number
  readonly told: string
}

/** By the program, which writes a file. */
const write = (version = VERSION): Promise<Told> =>
  new Promise((done) => {
    const args = ['scripts/cinc-catalog.ts', version, '--service', `${base}/service`, '--from', `${base}/files/`, '--out', out]
    execFile(process.execPath, args, (error, stdout, stderr) => done({ code: error === null ? 0 : Number(error.code), told: `${stdout}${stderr}` }))
  })

const look = async (version = VERSION): Promise<Told> => {
  try {
    const catalog = await cincCatalogOf(version, { service: `${base}/service`, from: `${base}/files/`, env: {}, say: () => {} })
    return { code: 0, told: JSON.stringify(catalog) }
  } catch (error) {
    return { code: 1, told: error instanceof Error ? error.message : String(error) }
  }
}

test('has of each architecture the package of the oldest system, with its size and digest', async () => {
  const { code, told } = await write()
  expect([code, told]).toEqual([0, expect.stringContaining('compare its digests')])
  const entry = (name: string): object => {
    const bytes = deb(`ubuntu/22.04 ${name}`)
    return { path: `${VERSION}/ubuntu/22.04/cinc-auditor_${VERSION}-1_${name}.deb`, bytes: bytes.length, sha256: sha(bytes), glibc: '2.35' }
  }
  expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual({
    version: VERSION,
    from: `${base}/files/`,
    packages: { 'linux-x64': entry('amd64'), 'linux-arm64': entry('arm64') }
  })
  expect(asked.filter((each) => each.startsWith('/service/')).map((each) => /p=(\w+)&pv=([\d.]+)/.exec(each)?.slice(1).join(' '))).toEqual(
    ['x', 'y'].flatMap(() => ['debian 11', 'ubuntu 20.04', 'ubuntu 22.04'])
  )
  expect(readdirSync(folder)).toEqual(['catalog.json'])
})

describe('there is no catalog', () => {
  const PACKAGE = /^\/files\/.*\.deb$/
  const give =
    (body: string | Buffer, status = 200, headers: Record<string, string | number> = {}): Give =>
    (response) =>
      void response.writeHead(status, headers).end(body)
  const says = (change: object): Give => give(JSON.stringify({ sha256: 'a'.repeat(64), url: 'https://x.example/y.deb', version: VERSION, ...change }))
  test.each<[what: string, RegExp, Give, told: RegExp]>([
    [
      'for other bytes than those of the digest',
      PACKAGE,
      give(deb('other')),
      /linux-x64: .*other bytes came \(SHA-256 \w{64}\), in place of SHA-256 \w{64}\nlinux-arm64: .*other bytes/
    ],
    [
      'for a file that is cut',
      PACKAGE,
      (response) => (response.writeHead(200, { 'content-length': 4000 }).write('x'), void setTimeout(() => response.destroy(), 50)),
      /cut|aborted|ECONNRESET/
    ],
    ['for a package that is gone', PACKAGE, give('none', 404), /the server answered 404/],
    ['for a page with 200', PACKAGE, give('<html>come back later</html>'), /a web page came/],
    ['for a server that fails', /\/service\//, give('down', 503), /metadata: expected an answer, got status 503/],
    ['for a service that leads elsewhere', /\/service\//, give('', 302, { location: 'http://127.0.0.1:1/' }), /got status 302/],
    ['for a service that answers with a page', /\/service\//, give('<html>'), /expected JSON with url, sha256 and version, got "<html>"/],
    ['for a digest that is none', /\/service\//, says({ sha256: 'abc' }), /expected JSON with url, sha256 and version/],
    ['for a package of another host', /\/service\//, says({}), /expected the package http:.*debian\/11.*, got https:\/\/x\.example\/y\.deb/],
    ['for another version', /\/service\//, says({ version: '7.0.108' }), /expected version 7\.0\.107, got 7\.0\.108/],
    [
      'where the digest beside the package is another',
      /metadata\.json$/,
      give(JSON.stringify({ sha256: 'b'.repeat(64) })),
      /expected SHA-256 \w{64}, as the service says, got b{64}/
    ],
    ['where there is none beside it', /metadata\.json$/, give('none', 404), /got no such file/],
    ['where the service knows no package', /m=aarch64/, give('none', 404), /^linux-arm64: expected a package of 7\.0\.107 for one of debian 11, .*knows none$/m]
  ])('%s', async (_what, pattern, what, message) => {
    instead = [[pattern, what]]
    expect(await look()).toEqual({ code: 1, told: expect.stringMatching(message) })
  })

  test('and the file stays as it is', async () => {
    instead = [[PACKAGE, give(deb('other'))]]
    expect(await write()).toEqual({ code: 1, told: expect.stringMatching(/^error: the catalog stays as it is\.\nlinux-x64: .*\nlinux-arm64: /m) })
    expect([readFileSync(out, 'utf8'), readdirSync(folder)]).toEqual(['as it was', ['catalog.json']])
  })

  test('for what is no package, though it has the digest', async () => {
    for (const path of packages.keys()) packages.set(path, Buffer.from('no archive'))
    expect(await look()).toMatchObject({ code: 1, told: expect.stringContaining('the package is no Debian archive') })
  })

  test.each(['', '7', 'latest', '7.0.107; id'])('for the version %p', async (version) => {
    expect(await look(version)).toMatchObject({ code: 1, told: expect.stringContaining('expected three numbers') })
    expect(asked).toEqual([])
  })
})

test('a package that is at another place of the same server is followed there, and is held against the digest', async () => {
  instead = [[/^\/files\/.*\.deb$/, (response, path) => void response.writeHead(302, { location: path.replace('/files/', '/moved/files/') }).end()]]
  expect(await look()).toMatchObject({ code: 1, told: expect.stringContaining('404') })
  instead = [
    [/^\/files\/.*22\.04.*amd64\.deb$/, (response) => void response.writeHead(302, { location: '/moved' }).end()],
    [/^\/moved$/, (response) => void response.end(deb('ubuntu/22.04 amd64'))]
  ]
  expect(await look()).toMatchObject({ code: 0 })
})

test('the catalog that kscan has is one that a release may have', () => {
  expect(digestDisagreements(houseAt('.'))).toEqual([])
})
