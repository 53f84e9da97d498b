import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync
} from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { CincCatalog, Machine } from '../../../../src/auditor/cinc/catalog.ts'
import { dataOf } from '../../../../src/auditor/cinc/package.ts'
import { auditorOfCinc, removeLink } from '../../../../src/auditor/cinc/source.ts'
import { atPrefix, PREFIX } from '../../../../src/auditor/cinc/prefix.ts'
import type { AuditorOptions, Candidate } from '../../../../src/auditor/program.ts'
import { chooseIsolation } from '../../../../src/auditor/isolation/isolation.ts'
import { ScanError } from '../../../../src/kernel/error.ts'
import { FETCHING, type Fetching } from '../../../../src/kernel/fetching.ts'
import type { IsolationKind } from '../../../../src/kernel/isolation.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import { findOnPath } from '../../../../src/process/find.ts'
import { run } from '../../../../src/process/run.ts'
import { startJournal } from '../../../../src/undo/journal.ts'

const PLUGIN = join(import.meta.dirname, '../../../../src/auditor/plugin')
const RUN = 'abcdefghij'
const ROOT = process.geteuid?.() === 0
/** Where something else has this place nothing can be put there but by a mount. */
const IS_FREE = lstatSync(PREFIX, { throwIfNoEntry: false }) === undefined

/** Programs that name their place literally, as CINC's do. */
const AUDITOR = `#!${PREFIX}/embedded/bin/sh\ncase $1 in version) echo 7.0.107 ;; where) echo "$0" "$(id -u)" "$(cat ${PREFIX}/embedded/here)" ;; esac\n`

let room: string
let folder: string
const makeTree = (name: string, change: (root: string) => void = () => {}): string => {
  const root = join(room, name)
  const bin = join(root, PREFIX, 'bin')
  mkdirSync(bin, { recursive: true })
  mkdirSync(join(root, PREFIX, 'embedded/bin'), { recursive: true })
  writeFileSync(join(bin, 'cinc-auditor'), AUDITOR, { mode: 0o755 })
  symlinkSync('/usr/bin/../bin/sh', join(root, PREFIX, 'embedded/bin/sh'))
  unlinkSync(join(root, PREFIX, 'embedded/bin/sh'))
  execFileSync('cp', ['-L', '/bin/sh', join(root, PREFIX, 'embedded/bin/sh')])
  writeFileSync(join(root, PREFIX, 'embedded/here'), 'the tree\n')
  symlinkSync('../embedded/here', join(bin, 'link'))
  symlinkSync(`${PREFIX}/embedded/here`, join(bin, 'literal'))
  change(root)
  return root
}
const packed = (root: string, compression: string): Buffer => {
  const control = join(root, 'DEBIAN')
  mkdirSync(control)
  writeFileSync(
    join(control, 'control'),
    'Package: cinc-auditor\nVersion: 7.0.107-1\nArchitecture: amd64\nMaintainer: nobody <n@example.test>\nDescription: a test\n'
  )
  writeFileSync(join(control, 'postinst'), '#!/bin/sh\ntouch /tmp/kscan-postinst-was-run\n', { mode: 0o755 })
  const file = `${root}.deb`
  execFileSync('dpkg-deb', ['--root-owner-group', `-Z${compression}`, '--build', root, file], { stdio: 'ignore' })
  return readFileSync(file)
}

let good: Buffer
let asked: string[] = []
let answer: (response: ServerResponse, url: string) => void
const server: Server = createServer((request, response) => {
  asked.push(request.url ?? '')
  answer(response, request.url ?? '')
})
const give =
  (bytes: Buffer) =>
  (response: ServerResponse): void =>
    void response.writeHead(200, { 'content-length': bytes.length }).end(bytes)
const base = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
const shaOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

beforeAll(async () => {
  room = mkdtempSync(join(tmpdir(), 'cinc-'))
  good = packed(makeTree('good'), 'xz')
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(room, { recursive: true })
})
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'cinc-run-')))
  chmodSync(folder, 0o711) // as that of temporary files is
  mkdirSync(join(folder, `kscan-${RUN}`))
  asked = []
  answer = give(good)
})
afterEach(() => rmSync(folder, { recursive: true }))

const HERE: Machine = { platform: 'linux', arch: 'x64', glibc: '2.40' }
const catalogOf = (bytes: Buffer, size?: number): CincCatalog => ({
  version: '7.0.107',
  from: `${base()}files/`,
  packages: {
    'linux-x64': { path: '7.0.107/cinc-auditor_7.0.107-1_amd64.deb', sha256: shaOf(bytes), glibc: '2.39', ...(size === undefined ? {} : { bytes: size }) }
  }
})

/** PATH without some programs. */
const pathWithout = (...names: readonly string[]): string => {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  for (const place of ['/usr/bin', '/bin', '/usr/sbin', '/sbin'])
    for (const name of readdirSync(place))
      if (!names.includes(name) && lstatSync(join(bin, name), { throwIfNoEntry: false }) === undefined) symlinkSync(join(place, name), join(bin, name))
  return bin
}

interface Asked extends Partial<Pick<AuditorOptions, 'version' | 'signal'>> {
  readonly bytes?: Buffer
  /** What the catalog says of the file's size. */
  readonly size?: number
  readonly machine?: Machine
  readonly path?: string
  readonly env?: Record<string, string>
  readonly fetching?: Partial<Fetching>
  readonly run?: typeof run
}
const undos: (() => Promise<void>)[] = []
const ready = async ({ bytes = good, size, machine = HERE, path, env, fetching, run: start = run, ...more }: Asked = {}): Promise<Candidate> => {
  rmSync(join(folder, 'journals'), { recursive: true, force: true })
  const journal = startJournal(join(folder, 'journals'), RUN)
  const options: AuditorOptions = {
    order: ['cinc'],
    toolFolder: join(folder, 'tools'),
    pluginFolder: PLUGIN,
    env: { PATH: path ?? process.env['PATH'] ?? '', ...env },
    log: silentLog,
    signal: new AbortController().signal,
    fetching: { ...FETCHING, ...fetching },
    room: { folder: join(folder, `kscan-${RUN}`), journal, undo: (_what, step) => undos.push(step) },
    ...more
  }
  rmSync(join(folder, `kscan-${RUN}`, 'cinc'), { recursive: true, force: true })
  return await auditorOfCinc({ options, ports: { run: start }, catalog: catalogOf(bytes, size), machine })
}
const reasonsOf = (candidate: Candidate): string => (candidate.kind === 'unusable' ? candidate.reasons.join('; ') : 'usable')

/** What the program says of itself, started as a run starts it. */
const told = async (candidate: Candidate): Promise<string> => {
  if (candidate.kind === 'unusable' || candidate.program.prefix === undefined) return reasonsOf(candidate)
  const program = atPrefix(candidate.program.prefix, { file: candidate.program.command.file, args: ['where'] })
  return (await run({ ...program, env: { PATH: process.env['PATH'] ?? '' }, timeout: 10_000 })).stdout.trim()
}
const inPlace = `${PREFIX}/bin/cinc-auditor ${process.geteuid?.()} the tree`
const wayOf = (candidate: Candidate): string | undefined => (candidate.kind === 'usable' ? candidate.program.prefix?.way : reasonsOf(candidate))

const HAS_BWRAP = (await findOnPath('bwrap', process.env['PATH'])) !== undefined

describe('the files of the package come to their place', () => {
  test.each(['xz', 'gzip', 'none'])('in a mount that its program alone sees, out of a package of %s', async (compression) => {
    const bytes = packed(makeTree(`of-${compression}`), compression)
    answer = give(bytes)
    const candidate = await ready({ bytes })
    expect([wayOf(candidate), await told(candidate)]).toEqual([HAS_BWRAP ? 'bwrap' : 'namespaces', inPlace])
    expect([existsSync('/tmp/kscan-postinst-was-run'), lstatSync(PREFIX, { throwIfNoEntry: false }) === undefined]).toEqual([false, IS_FREE])
  })

  test('in namespaces of its own where bubblewrap is not there', async () => {
    const candidate = await ready({ path: pathWithout('bwrap') })
    expect([wayOf(candidate), await told(candidate)]).toEqual(['namespaces', inPlace])
  })

  if (ROOT && IS_FREE) {
    test('by a link where nothing else works, which is noted before and goes with the run', async () => {
      const candidate = await ready({ path: pathWithout('bwrap', 'unshare') })
      const journal = readFileSync(join(folder, 'journals', `${RUN}.jsonl`), 'utf8')
      expect([wayOf(candidate), await told(candidate), journal.includes('"kind":"link"')]).toEqual(['symlink', inPlace, true])
      for (const undo of undos.splice(0)) await undo()
      expect(lstatSync(PREFIX, { throwIfNoEntry: false })).toBeUndefined()
    })

    test('not by a link where something else is, and nothing of others is taken away', async () => {
      mkdirSync(PREFIX)
      try {
        const candidate = await ready({ path: pathWithout('bwrap', 'unshare') })
        expect(reasonsOf(candidate)).toMatch(
          /^cinc: the package cannot be put at \/opt\/cinc-auditor: bwrap: .*; namespaces: .*; symlink: something else is at/
        )
        expect(await removeLink('/nowhere', process.env['PATH'])).toBe(false)
        expect(lstatSync(PREFIX).isDirectory()).toBe(true)
      } finally {
        rmSync(PREFIX, { recursive: true })
      }
    })

    test('before us: what is installed is used, and nothing is fetched', async () => {
      execFileSync('cp', ['-a', join(room, 'good', PREFIX), PREFIX])
      try {
        const candidate = await ready()
        expect([wayOf(candidate), await told(candidate), asked]).toEqual(['installed', inPlace, []])
      } finally {
        rmSync(PREFIX, { recursive: true })
      }
    })
  }
})

const ISOLATED: readonly IsolationKind[] = [...(HAS_BWRAP ? (['bwrap'] as const) : []), 'namespaces', ...(ROOT ? (['user'] as const) : []), 'none']
test.each(ISOLATED)('isolated by %s it stands at its place, too', async (wish) => {
  const candidate = await ready()
  if (candidate.kind === 'unusable' || candidate.program.prefix === undefined) throw new Error(reasonsOf(candidate))
  const { prefix, command } = candidate.program
  const own = join(folder, `kscan-${RUN}`)
  const isolation = await chooseIsolation({
    what: 'the auditor',
    wish,
    needs: { programs: [], moved: [{ from: prefix.tree, path: PREFIX }], network: false, machine: ROOT && wish === 'namespaces', hidden: [] },
    data: [[PLUGIN]],
    outside: (program) => atPrefix(prefix, program),
    probe: { file: command.file, args: ['version'] },
    env: { PATH: process.env['PATH'] ?? '' },
    folder: own,
    plugin: PLUGIN,
    seconds: 20,
    signal: new AbortController().signal
  })
  const work = join(own, 'work')
  mkdirSync(work)
  const ended = await isolation.run({ file: command.file, args: ['where'], env: { PATH: process.env['PATH'] ?? '' }, timeout: 10_000 }, work)
  expect([isolation.kind, ended.stdout]).toEqual([wish, expect.stringMatching(new RegExp(`^${PREFIX}/bin/cinc-auditor \\d+ the tree\\n$`))])
})

test('a package is kept, fetched once, compared in each run, and fetched anew where it was changed', async () => {
  await ready()
  await ready()
  expect(asked).toHaveLength(1)
  const [kept = ''] = readdirSync(join(folder, 'tools', 'cinc'))
  const file = join(folder, 'tools', 'cinc', kept)
  writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from('x')]))
  expect([wayOf(await ready()) === undefined, asked.length, shaOf(readFileSync(file))]).toEqual([false, 2, shaOf(good)])
  chmodSync(dirname(file), 0o777)
  expect(reasonsOf(await ready())).toMatch(/^cinc: .*\/tools\/cinc: others may write to it \(chmod go-w it, or remove it\)$/)
})

test('a file that is larger than the catalog says is not fetched to its end', async () => {
  expect(reasonsOf(await ready({ size: good.length - 1 }))).toMatch(new RegExp(`it is longer than ${good.length - 1} bytes$`))
  expect(existsSync(join(folder, 'tools', 'cinc'))).toBe(false)
  expect(wayOf(await ready({ size: good.length }))).not.toMatch(/longer/)
})

const traversing = (): Buffer => {
  const name = 'traversing'
  const bytes = packed(makeTree(name), 'none')
  // a name of the archive becomes one that leads up: of the same length, and with the checksum of its header
  const at = bytes.indexOf(`.${PREFIX}/embedded/here\0`)
  const evil = `.${PREFIX}/../../../tmp/x`.padEnd(`.${PREFIX}/embedded/here`.length, 'x').slice(0, `.${PREFIX}/embedded/here`.length)
  bytes.write(evil, at, 'latin1')
  const header = bytes.subarray(at, at + 512)
  header.fill(' ', 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return bytes
}

const HTML = Buffer.from('<html>please log in</html>')
const FAULTS: [what: string, bytes: () => Buffer, serve: (bytes: Buffer) => typeof answer, expected: RegExp][] = [
  ['other bytes', () => good, () => give(Buffer.from('other')), /other bytes came/],
  [
    'half of it',
    () => good,
    (bytes) => (response) => void response.writeHead(200, { 'content-length': bytes.length }).end(bytes.subarray(0, 999), () => response.destroy()),
    /aborted|cut after/
  ],
  ['404', () => good, () => (response) => void response.writeHead(404).end(), /the server answered 404/],
  ['a page with 200', () => good, () => give(HTML), /a web page came/],
  ['a way round', () => good, () => (response) => void response.writeHead(302, { location: '/again' }).end(), /leads on and on/],
  ['no package', () => HTML, () => give(HTML), /no Debian archive/],
  ['a package without files', () => Buffer.from('!<arch>\n'), give, /holds no files/],
  [
    'a package of something else',
    () =>
      packed(
        makeTree('other', (root) => rmSync(join(root, PREFIX), { recursive: true })),
        'gzip'
      ),
    give,
    /unpacked|holds nothing for/
  ],
  [
    'a link that leads out',
    () =>
      packed(
        makeTree('out', (root) => symlinkSync('../../../etc/passwd', join(root, PREFIX, 'out'))),
        'gzip'
      ),
    give,
    /\/opt\/cinc-auditor\/out, which is a link that leads out of it/
  ],
  [
    'an absolute link that leads out',
    () =>
      packed(
        makeTree('abs', (root) => symlinkSync('/etc', join(root, PREFIX, 'out'))),
        'gzip'
      ),
    give,
    /a link that leads out/
  ],
  [
    'a pipe',
    () =>
      packed(
        makeTree('pipe', (root) => execFileSync('mkfifo', [join(root, PREFIX, 'pipe')])),
        'gzip'
      ),
    give,
    /\/opt\/cinc-auditor\/pipe, which is no file/
  ],
  ['a name that leads up', traversing, give, /could not be unpacked: .*\.\./],
  [
    'another version',
    () =>
      packed(
        makeTree('old', (root) => writeFileSync(join(root, PREFIX, 'bin/cinc-auditor'), AUDITOR.replace('7.0.107', '7.0.95'))),
        'gzip'
      ),
    give,
    /version 7\.0\.95, but auditor-version asks for 7\.0\.107/
  ]
]
test.each(FAULTS)('%s is no auditor, and the reason is told', async (_what, make, serve, expected) => {
  const bytes = make()
  answer = serve(bytes)
  const candidate = await ready({ bytes })
  expect(reasonsOf(candidate)).toMatch(/^cinc: /)
  expect(reasonsOf(candidate)).toMatch(expected)
  for (const undo of undos.splice(0)) await undo()
  expect(lstatSync(PREFIX, { throwIfNoEntry: false }) === undefined).toBe(IS_FREE)
})

test.each<[what: string, asked: Asked, expected: RegExp]>([
  ['another C library', { machine: { ...HERE, glibc: undefined } }, /need glibc 2\.39, and this machine has another C library/],
  ['an older one', { machine: { ...HERE, glibc: '2.36' } }, /need glibc 2\.39, and this machine has 2\.36/],
  ['another processor', { machine: { ...HERE, arch: 'riscv64' } }, /no package for linux-riscv64/],
  ['another system', { machine: { ...HERE, platform: 'darwin' } }, /no package for darwin-x64/],
  ['another version than asked for', { version: '6' }, /the digest of version 7\.0\.107 only, and auditor-version asks for 6/],
  ['nothing to fetch with', { fetching: { offline: true } }, /not fetched, for offline is true/]
])('there is none for %s, and nothing is fetched', async (_what, more, expected) => {
  expect([reasonsOf(await ready(more)), asked]).toEqual([expect.stringMatching(expected), []])
})

test('a mirror is asked for the file by its name', async () => {
  expect(wayOf(await ready({ fetching: { mirror: `${base()}mirror/tools/` } }))).not.toMatch(/cinc:/)
  expect(asked).toEqual(['/mirror/tools/cinc-auditor_7.0.107-1_amd64.deb'])
})

test('a proxy of the environment is asked', async () => {
  expect(wayOf(await ready({ env: { HTTP_PROXY: base(), NO_PROXY: '' }, fetching: { mirror: 'http://mirror.example.test/x' } }))).not.toMatch(/cinc:/)
  expect(asked).toEqual(['http://mirror.example.test/x/cinc-auditor_7.0.107-1_amd64.deb'])
})

test('an interruption ends it, however slow the server is', async () => {
  answer = (response) => void response.writeHead(200).write('!<arch>\n')
  const stop = new AbortController()
  setTimeout(() => stop.abort(new ScanError('INTERRUPTED', 'Interrupted')), 200)
  await expect(ready({ signal: stop.signal })).rejects.toMatchObject({ code: 'INTERRUPTED' })
  expect(existsSync(join(folder, 'tools'))).toBe(false)
})

test('a folder without room is told, before anything is fetched', async () => {
  if (!ROOT) return expect(ROOT).toBe(false)
  const small = join(folder, `kscan-${RUN}`)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'kscan', small])
  try {
    expect([reasonsOf(await ready()), asked]).toEqual([expect.stringMatching(/MB left, and 800 MiB are needed; TMPDIR names another place/), []])
  } finally {
    execFileSync('umount', [small])
  }
})

test.each(['', '!<arch', `!<arch>\n${'data.tar.xz'.padEnd(48)}99999     \`\n`, `!<arch>\n${'data.tar.xz'.padEnd(48)}-1        \`\n`])(
  '%j is no package',
  (text) => expect(() => dataOf(Buffer.from(text))).toThrow(/the package/)
)
