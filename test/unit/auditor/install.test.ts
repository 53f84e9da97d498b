import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { appendFile, chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { findOnPath } from '../../../src/process/find.ts'
import type { Catalog } from '../../../src/auditor/gems.ts'
import { foreseeAuditor, readyAuditor } from '../../../src/auditor/install.ts'
import type { AuditorOptions, AuditorProgram } from '../../../src/auditor/program.ts'
import { ScanError } from '../../../src/kernel/error.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { run } from '../../../src/process/run.ts'
import { FETCHING } from '../../../src/kernel/fetching.ts'

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
  const lines = ['extra', 'tiny'].map((name) => `"lib/${name}.rb" ${sha256(Buffer.from(`# lib/${name}.rb\n`))}\n`)
  catalog = { auditor: { gem: 'tiny', version: '5.0.0' }, ruby: '3.1', gems, tree: sha256(Buffer.from(lines.join(''))) }
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
  fetching: FETCHING,
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

describe('what an installation would be', () => {
  test('is told before, and nothing is installed', async () => {
    const foreseen = await foreseeAuditor(options(), { run }, catalog)
    expect(foreseen).toEqual({ kind: 'to-install', what: 'tiny 5.0.0', version: '5.0.0', ruby: expect.stringMatching(/\/ruby[.\d]*$/) })
    expect([requests, existsSync(join(folder, 'tools'))]).toEqual([[], false])
  })

  test('is none where the gems are there', async () => {
    const program = await ready()
    expect(await foreseeAuditor(options(), { run }, catalog)).toEqual({ kind: 'there', program })
  })

  test('is none where there is no Ruby, which is told as in a run', async () => {
    const changes = { order: ['path', 'gems'] as const, env: { PATH: join(folder, 'bin') } }
    const foreseen = await foreseeAuditor(options(changes), { run }, catalog)
    expect(foreseen).toMatchObject({
      kind: 'none',
      reasons: ['cinc-auditor: not found on PATH', 'inspec: not found on PATH', expect.stringMatching('no ruby on PATH')]
    })
    expect((await failure(changes)).message).toBe(`No usable auditor: ${foreseen.kind === 'none' ? foreseen.reasons.join('; ') : ''}`)
  })
})

test('a folder of tools that cannot be written is named, with what to do', async () => {
  await writeFile(join(folder, 'file'), '')
  const { code, message } = await failure({ toolFolder: join(folder, 'file', 'tools') })
  expect([code, message]).toEqual(['AUDITOR_MISSING', expect.stringContaining(`gems: ${join(folder, 'file', 'tools')} cannot be written: `)])
  expect(message).toMatch(/a part of its path is not a folder \(ENOTDIR\)\. XDG_CACHE_HOME names another place$/)
})

describe('an installation', () => {
  test("takes the gems from the user's own source, unpacks what is needed, and leaves nothing else", async () => {
    const program = await ready()
    expect(program).toMatchObject({ source: 'gems', product: 'kscan auditor', version: '5.0.0' })
    expect(realpathSync(program.command.file)).toBe(realpathSync((await findOnPath('ruby', process.env['PATH'])) ?? ''))
    expect(program.command.args.slice(0, 2)).toEqual(['--disable-did_you_mean', '--disable-error_highlight'])
    expect((await readdir(installedIn(program), { recursive: true })).toSorted()).toEqual(['lib', 'lib/extra.rb', 'lib/tiny.rb'])
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
    ['a file is missing', async (tree: string) => await rm(join(tree, 'lib', 'extra.rb'))],
    ['a file has been added', async (tree: string) => await writeFile(join(tree, 'lib', 'evil.rb'), '')],
    ['a file has another size', async (tree: string) => await appendFile(join(tree, 'lib', 'tiny.rb'), 'x')],
    [
      'a file has other bytes, of the same size and from the same time',
      async (tree: string) => {
        const file = join(tree, 'lib', 'tiny.rb')
        const { atime, mtime } = await stat(file)
        await writeFile(file, '# lib/evil.rb\n')
        await utimes(file, atime, mtime)
      }
    ],
    [
      'a file is a link to one of the same bytes',
      async (tree: string) => {
        await rename(join(tree, 'lib', 'tiny.rb'), join(folder, 'tiny.rb'))
        await symlink(join(folder, 'tiny.rb'), join(tree, 'lib', 'tiny.rb'))
      }
    ],
    [
      'a file is a pipe that nobody writes to',
      async (tree: string) => (await rm(join(tree, 'lib', 'tiny.rb')), execFileSync('mkfifo', [join(tree, 'lib', 'tiny.rb')]))
    ],
    ['a file has no end', async (tree: string) => await truncate(join(tree, 'lib', 'tiny.rb'), 2 ** 40)],
    ['others may write into it', async (tree: string) => await chmod(tree, 0o777)],
    [
      'it is a link to a folder of the same files',
      async (tree: string) => {
        await rename(tree, join(folder, 'elsewhere'))
        await symlink(join(folder, 'elsewhere'), tree)
      }
    ]
  ])('is made anew when %s', async (_, damage) => {
    const tree = installedIn(await ready())
    await damage(tree)
    const said: string[] = []
    expect(installedIn(await ready({ log: { ...silentLog, warn: (line) => said.push(line) } }))).toBe(tree)
    expect(said).toEqual([`the auditor in ${tree} is not as it was installed: it is installed anew`])
    expect(await readFile(join(tree, 'lib', 'tiny.rb'), 'utf8')).toBe('# lib/tiny.rb\n')
    expect((await readdir(join(tree, 'lib'))).toSorted()).toEqual(['extra.rb', 'tiny.rb'])
    expect(await installed()).toHaveLength(1)
  })
})

test.each([
  ['of all tools', 'tools'],
  ['of auditors', 'tools/auditor']
])('nothing is started from a folder %s that others may write to', async (_what, path) => {
  await ready()
  await chmod(join(folder, path), 0o777)
  expect((await failure()).message).toContain(`${join(folder, path)}: others may write to it`)
})

describe('what fetches and unpacks gems', () => {
  /** A folder of the programs of PATH that are needed in any case, and these. */
  const few = async (...more: string[]): Promise<string> => {
    const bin = join(folder, 'few')
    await mkdir(bin)
    for (const name of ['ruby', 'setpriv', 'prlimit', 'sh', 'cat', 'grep', ...more])
      await symlink((await findOnPath(name, process.env['PATH'])) ?? '', join(bin, name))
    return bin
  }

  test('sees its configuration, and nothing else of the user and the tools; what it leaves is ended', async () => {
    const [secret, other] = [join(folder, 'home', 'secret'), join(folder, 'tools', 'other')]
    await mkdir(join(folder, 'tools'), { mode: 0o700 })
    for (const file of [secret, other]) await writeFile(file, 'secret', { mode: 0o600 })
    const pluginFolder = join(folder, 'plugin')
    await cp(options().pluginFolder, pluginFolder, { recursive: true })
    const left = `20.${process.pid}`
    const gemrc = 'Gem.sources.each_source.first.uri'
    const looks = `puts [File.exist?('${secret}'), File.exist?('${other}'), Dir.home.end_with?('/gems'), ${gemrc}].join(' ')`
    await writeFile(join(pluginFolder, 'gems.rb'), `${looks}\nspawn('setsid', 'sleep', '${left}', out: File::NULL, err: File::NULL)\nexit 1\n`)
    const said: string[] = []
    const error = await failure({ pluginFolder, log: { ...silentLog, info: (text) => said.push(text) } })
    expect(said.join('\n')).toMatch(/Isolation of what fetches the gems: (?:bubblewrap|namespaces)/)
    expect(error.message).toContain(`false false true http://127.0.0.1:${portOf(server)}/`)
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n').includes(`sleep ${left}`)).toBe(false)
  })

  test('works in namespaces, without bubblewrap', async () => {
    const said: string[] = []
    await ready({ env: { ...options().env, PATH: await few('unshare', 'mount') }, log: { ...silentLog, info: (text) => said.push(text) } })
    expect(said.join('\n')).toContain('Isolation of what fetches the gems: namespaces')
  })

  test('works without either, as kscan does: another user could not get to the folder of tools', async () => {
    const said: string[] = []
    const program = await ready({ env: { ...options().env, PATH: await few() }, log: { ...silentLog, info: (text) => said.push(text) } })
    expect(said.join('\n')).toContain('Isolation of what fetches the gems: none')
    expect(existsSync(join(program.folder ?? '', 'lib', 'tiny.rb'))).toBe(true)
  })

  test('executes nothing of a gem: no extension is built, no plugin loaded', async () => {
    const mark = join(folder, 'executed')
    const source = await mkdtemp(join(tmpdir(), 'hostile-'))
    for (const path of ['lib', 'ext']) await mkdir(join(source, path))
    const code = `File.write('${mark}', 'x')\n`
    for (const file of ['lib/hostile.rb', 'lib/rubygems_plugin.rb', 'ext/extconf.rb']) await writeFile(join(source, file), code)
    const spec = `Gem::Specification.new { |s| s.name = 'hostile'; s.version = '5.0.0'; s.summary = s.author = 'x'; s.files = Dir['*/*']; s.extensions = ['ext/extconf.rb'] }`
    const script = `require 'rubygems/package'; Dir.chdir(ARGV[0]); Gem::DefaultUserInteraction.ui = Gem::SilentUI.new; Gem::Package.build(eval(ARGV[1]), true)`
    execFileSync('ruby', ['-e', script, source, spec], { stdio: 'ignore' })
    const bytes = readFileSync(join(source, 'hostile-5.0.0.gem'))
    files.set('hostile-5.0.0.gem', bytes)
    const lines = ['hostile', 'rubygems_plugin'].map((name) => `"lib/${name}.rb" ${sha256(Buffer.from(code))}\n`)
    const hostile = {
      auditor: { gem: 'hostile', version: '5.0.0' },
      ruby: '3.1',
      gems: [{ name: 'hostile', version: '5.0.0', sha256: sha256(bytes) }],
      tree: sha256(Buffer.from(lines.join('')))
    }
    const program = await readyAuditor(options(), { run }, hostile)
    expect([await readdir(join(program.folder ?? '', 'lib')), existsSync(mark)]).toEqual([['hostile.rb', 'rubygems_plugin.rb'], false])
    await rm(source, { recursive: true })
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
