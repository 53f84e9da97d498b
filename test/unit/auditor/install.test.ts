import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { findOnPath } from '../../../src/auditor/find.ts'
import type { Catalog } from '../../../src/auditor/gems.ts'
import { readyAuditor } from '../../../src/auditor/install.ts'
import type { AuditorOptions, AuditorProgram } from '../../../src/auditor/program.ts'
import { ScanError } from '../../../src/kernel/error.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { run } from '../../../src/process/run.ts'

/** A gem source: serves what is in `files` under /gems/, and counts what it is asked for. */
const files = new Map<string, Buffer>()
let requests: string[] = []
const server: Server = createServer((request, response) => {
  requests.push(request.url ?? '')
  const bytes = files.get((request.url ?? '').replace('/gems/', ''))
  response.writeHead(bytes === undefined ? 404 : 200, bytes === undefined ? {} : { 'content-length': bytes.length })
  response.end(bytes)
})

const whole = new Map<string, Buffer>()
let built = ''
let folder = ''
let catalog: Catalog

const buildGem = (name: string): Buffer => {
  const source = `Gem::Specification.new { |s| s.name = '${name}'; s.version = '5.0.0'; s.summary = s.author = 'x'; s.files = ['lib/${name}.rb', 'bin/not-needed'] }`
  const script = `require 'rubygems/package'; Dir.chdir(ARGV[0]); Gem::DefaultUserInteraction.ui = Gem::SilentUI.new; Gem::Package.build(eval(ARGV[1]), true)`
  execFileSync('ruby', ['-e', script, built, source], { stdio: 'ignore' })
  return readFileSync(join(built, `${name}-5.0.0.gem`))
}

beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), 'built-'))
  for (const path of ['lib', 'bin']) await mkdir(join(built, path))
  for (const file of ['lib/tiny.rb', 'lib/extra.rb', 'bin/not-needed']) await writeFile(join(built, file), `# ${file}\n`)
  for (const name of ['tiny', 'extra']) whole.set(`${name}-5.0.0.gem`, buildGem(name))
  const gems = ['tiny', 'extra'].map((name) => ({ name, version: '5.0.0', sha256: sha256(whole.get(`${name}-5.0.0.gem`)) }))
  catalog = { auditor: { gem: 'tiny', version: '5.0.0' }, ruby: '3.1', gems }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(built, { recursive: true })
})

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'install-'))
  await mkdir(join(folder, 'home'))
  await writeFile(join(folder, 'home', '.gemrc'), `:sources:\n- http://127.0.0.1:${portOf(server)}/\n`)
  await mkdir(join(folder, 'bin'))
  for (const [name, bytes] of whole) files.set(name, bytes)
  requests = []
})
afterEach(async () => await rm(folder, { recursive: true }))

const sha256 = (bytes: Buffer | undefined): string =>
  createHash('sha256')
    .update(bytes ?? '')
    .digest('hex')
const portOf = (listening: Server): number => {
  const address: string | AddressInfo | null = listening.address()
  if (address === null || typeof address === 'string') throw new Error('the server does not listen')
  return address.port
}

const options = (changes: Partial<AuditorOptions> = {}): AuditorOptions => ({
  order: ['gems'],
  toolFolder: join(folder, 'tools'),
  pluginFolder: join(import.meta.dirname, '../../../src/auditor/plugin'),
  env: { PATH: process.env['PATH'] ?? '', HOME: join(folder, 'home') },
  log: silentLog,
  signal: new AbortController().signal,
  ...changes
})

const ready = async (changes?: Partial<AuditorOptions>): Promise<AuditorProgram> => await readyAuditor(options(changes), { run }, catalog)

const failure = async (changes?: Partial<AuditorOptions>): Promise<ScanError> => {
  try {
    await ready(changes)
  } catch (error) {
    if (error instanceof ScanError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

const installedIn = (program: AuditorProgram): string => program.command.args.at(-1) ?? ''
const installed = async (): Promise<string[]> => await readdir(join(folder, 'tools', 'auditor'))

describe('an installation', () => {
  test("takes the gems from the user's own source, unpacks what is needed, and leaves nothing else", async () => {
    const program = await ready()
    expect(program).toMatchObject({ source: 'gems', product: 'kscan auditor', version: '5.0.0' })
    expect(program.command.file).toBe(await findOnPath('ruby', process.env['PATH']))
    expect(program.command.args.slice(0, 2)).toEqual(['--disable-did_you_mean', '--disable-error_highlight'])
    expect((await readdir(installedIn(program), { recursive: true })).toSorted()).toEqual(['complete', 'lib', 'lib/extra.rb', 'lib/tiny.rb'])
    expect(requests.toSorted()).toEqual(['/gems/extra-5.0.0.gem', '/gems/tiny-5.0.0.gem'])
    expect(await installed()).toHaveLength(1)
  })

  test('is made once: the second run asks the source for nothing', async () => {
    const first = await ready()
    files.clear()
    requests = []
    expect(await ready()).toEqual(first)
    expect(requests).toEqual([])
  })

  test('is safe when several runs make it at once', async () => {
    const programs = await Promise.all([ready(), ready(), ready()])
    expect(new Set(programs.map(installedIn)).size).toBe(1)
    expect(await readFile(join(installedIn(await ready()), 'lib', 'tiny.rb'), 'utf8')).toBe('# lib/tiny.rb\n')
    expect(await installed()).toHaveLength(1)
  })

  test.each([
    ['the marker is missing', async (tree: string) => await rm(join(tree, 'complete'))],
    ['the marker is of another state', async (tree: string) => await writeFile(join(tree, 'complete'), 'x')],
    ['a file is missing', async (tree: string) => await rm(join(tree, 'lib', 'extra.rb'))],
    ['a file has been added', async (tree: string) => await writeFile(join(tree, 'lib', 'evil.rb'), '')],
    ['a file has another size', async (tree: string) => await appendFile(join(tree, 'lib', 'tiny.rb'), 'x')]
  ])('is made anew when %s', async (_, damage) => {
    const tree = installedIn(await ready())
    await damage(tree)
    expect(installedIn(await ready())).toBe(tree)
    expect(await readFile(join(tree, 'lib', 'tiny.rb'), 'utf8')).toBe('# lib/tiny.rb\n')
    expect((await readdir(join(tree, 'lib'))).toSorted()).toEqual(['extra.rb', 'tiny.rb'])
    expect(await installed()).toHaveLength(1)
  })
})

describe('nothing is installed', () => {
  test.each([
    ['other bytes', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('x')])],
    ['a part of the bytes', (bytes: Buffer) => bytes.subarray(0, 512)],
    ['an empty file', () => Buffer.alloc(0)]
  ])('when the source sends %s', async (_, change) => {
    const sent = change(whole.get('extra-5.0.0.gem') ?? Buffer.alloc(0))
    files.set('extra-5.0.0.gem', sent)
    const error = await failure()
    expect(error.code).toBe('AUDITOR_MISSING')
    expect(error.problems).toEqual([{ name: 'extra-5.0.0.gem', expected: `SHA-256 ${sha256(whole.get('extra-5.0.0.gem'))}`, got: `SHA-256 ${sha256(sent)}` }])
    expect(await installed()).toEqual([])
  })

  test('and no other auditor is taken in its place when the bytes are not those of the catalog', async () => {
    files.set('tiny-5.0.0.gem', Buffer.from('x'))
    await writeFile(join(folder, 'bin', 'mine'), '#!/bin/sh\necho 5.1.0\n', { mode: 0o755 })
    expect((await failure({ order: ['gems', { path: join(folder, 'bin', 'mine') }] })).message).toContain('tiny-5.0.0.gem')
  })

  test('when the source does not have a gem', async () => {
    files.delete('extra-5.0.0.gem')
    const error = await failure()
    expect(error.message).toMatch(/could not be fetched from your gem sources: extra-5\.0\.0: .*404/)
    expect(await installed()).toEqual([])
  })

  test('when the run is interrupted', async () => {
    const controller = new AbortController()
    const pending = ready({ signal: controller.signal })
    controller.abort(new Error('interrupted by the test'))
    await expect(pending).rejects.toThrow('interrupted by the test')
    await expect(installed()).rejects.toThrow('ENOENT')
  })

  test.each([
    ['there is no Ruby', undefined, /no ruby on PATH; Ruby 3\.1 or newer is needed/],
    ['Ruby is too old', 'echo "3.0.6 3.0.0 x86_64-linux"', /is Ruby 3\.0\.6; Ruby 3\.1 or newer is needed/],
    ['Ruby 2 with a great minor number', 'echo "2.7.8 2.7.0 x86_64-linux"', /is Ruby 2\.7\.8/],
    ['Ruby does not work', 'echo broken >&2; exit 1', /did not tell its version: broken/]
  ])('when %s', async (_, ruby, expected) => {
    if (ruby !== undefined) await writeFile(join(folder, 'bin', 'ruby'), `#!/bin/sh\n${ruby}\n`, { mode: 0o755 })
    const error = await failure({ env: { PATH: join(folder, 'bin'), HOME: folder } })
    expect(error.code).toBe('AUDITOR_MISSING')
    expect(error.message).toMatch(expected)
    expect(error.hint).toContain('Ruby 3.1')
  })

  test('when a version under the Chef EULA is asked for', async () => {
    expect((await failure({ version: '7' })).message).toMatch(/Chef EULA and is never installed/)
    expect(requests).toEqual([])
  })
})

test('the order is kept, what was passed over is logged, and what none could do is named in one error', async () => {
  const lines: string[] = []
  await writeFile(join(folder, 'bin', 'mine'), '#!/bin/sh\necho 5.1.0\n', { mode: 0o755 })
  const env = { PATH: join(folder, 'bin'), HOME: folder }
  const mine = { path: join(folder, 'bin', 'mine') }
  const program = await ready({ order: ['path', 'gems', mine], env, log: { ...silentLog, info: (line) => lines.push(line) } })
  expect(program).toMatchObject({ source: 'given', version: '5.1.0' })
  expect(lines).toEqual([expect.stringMatching(/^Auditor: InSpec 5\.1\.0 \(given: .*mine\); not used: cinc-auditor: not found.*no ruby on PATH/)])
  expect((await failure({ order: ['path', 'gems'], env })).message).toMatch(/cinc-auditor: not found on PATH; inspec: not found on PATH; gems: no ruby on PATH/)
})
