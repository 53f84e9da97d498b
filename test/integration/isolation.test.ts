import { execFile } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { z } from 'zod'
import { ATTACKS, type Way } from '../../scripts/isolation.ts'
import { orphansOf } from '../../src/auditor/orphans.ts'
import { cgroupsNamed, findCgroupParent } from '../../src/process/cgroup.ts'
import { findOnPath } from '../../src/process/find.ts'
import { run as runProgram } from '../../src/process/run.ts'
import type { ApiServer } from '../support/api-server/server.ts'
import { leftHere, type Ran, startCommandLine } from '../support/command-line.ts'
import { Folder } from '../support/kubeconfig.ts'
import { type Shop, startShop } from '../support/shop.ts'
import { writtenProfile } from '../support/written-profile.ts'

// the first scan on a machine fetches the auditor, and some of the attacks take a few seconds
jest.setTimeout(180_000)

const start = promisify(execFile)
const ROOT = process.getuid?.() === 0
/** Where it is not installed what it holds is not shown; that it cannot be had is. */
const HAS_BWRAP = (await findOnPath('bwrap', process.env['PATH'])) !== undefined
const tries: Parameters<typeof findCgroupParent>[1] = async (program) =>
  (await runProgram({ ...program, env: { PATH: process.env['PATH'] ?? '' } })).exitCode === 0
const HAS_CGROUP = typeof (await findCgroupParent('kscan-test', tries)) !== 'string'
/** Nobody else's. */
const ORDINARY = 64_321

const Came = z.object({ kind: z.string(), says: z.string(), came: z.record(z.string(), z.string()) })

/** The attacks from within, in the place of a profile, by root or somebody else. */
const attacked = async (kind: string, who: 'root' | 'another user'): Promise<z.infer<typeof Came>> => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-attack-'))
  const changes = ROOT && who !== 'root'
  if (changes) chownSync(folder, ORDINARY, ORDINARY)
  const attack = [resolve('test/support/isolation/attack.ts'), kind, folder]
  const [file, args] = changes
    ? ['setpriv', [`--reuid=${ORDINARY}`, `--regid=${ORDINARY}`, '--clear-groups', '--', process.execPath, ...attack]]
    : [process.execPath, attack]
  try {
    const { stdout } = await start(file, args, { env: { PATH: process.env['PATH'] ?? '', SECRET: 'secret' } })
    return Came.parse(JSON.parse(stdout))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Yama lets a process trace its own children only; what is not isolated is kept from this by the machine, then. */
const traces = (): boolean => {
  try {
    return readFileSync('/proc/sys/kernel/yama/ptrace_scope', 'utf8').trim() === '0'
  } catch {
    return true
  }
}

const expected = (way: Way): Record<string, string> =>
  Object.fromEntries(
    Object.entries(ATTACKS).flatMap(([name, { came }]) => {
      if (came[way] === 'none' || (came[way] === 'open' && ['memory', 'ptrace'].includes(name) && !traces())) return []
      return [[name, came[way]]]
    })
  )

const WAYS = [
  ['bwrap', 'root', 'apart'],
  ['namespaces', 'root', 'apart'],
  ['user', 'root', 'user'],
  ['none', 'root', 'none'],
  ['bwrap', 'another user', 'apart'],
  ['namespaces', 'another user', 'apart'],
  ['none', 'another user', 'none']
] as const

describe('attacks from within', () => {
  test.each(WAYS.filter(([kind, who]) => (ROOT || who !== 'root') && (HAS_BWRAP || kind !== 'bwrap')))(
    '%s, by %s, hold as the table in docs/security.md says',
    async (kind, who, way) => {
      const { kind: taken, came } = await attacked(kind, who)
      expect([taken, came]).toEqual([kind, expect.objectContaining(expected(way))])
    }
  )

  test('auto is the strongest', async () => {
    expect((await attacked('auto', ROOT ? 'root' : 'another user')).kind).toBe(HAS_BWRAP ? 'bwrap' : 'namespaces')
  })
})

let shop: Shop
let server: ApiServer
let folder: Folder
let kubeconfig: string
beforeAll(async () => {
  shop = await startShop()
  ;({ server, folder, kubeconfig } = shop)
  chmodSync(folder.path, 0o711) // where others may not go through, there is nothing for another user
})
afterAll(() => shop.close())

const profile = (name: string): string[] => ['--profile', resolve('test/fixtures/profiles', name)]
const scan = (args: readonly string[], env: Readonly<Record<string, string>> = {}): ReturnType<typeof startCommandLine> =>
  startCommandLine(['scan', '--namespace', 'shop', '--pod', 'web', '--auditor', 'gems', ...args], {
    folder: folder.path,
    env: { KUBECONFIG: kubeconfig, ...env }
  })
const kinds = [...(HAS_BWRAP ? ['bwrap'] : []), 'namespaces', ...(ROOT ? ['user'] : []), 'none']
const Recorded = z.looseObject({ isolation: z.object({ kind: z.string(), says: z.string() }) })
const recorded = (): z.infer<typeof Recorded>['isolation'] =>
  Recorded.parse(JSON.parse(readFileSync(join(folder.path, 'kscan-reports', 'run.json'), 'utf8'))).isolation

/** A profile in the test's folder. */
const written = (name: string, metadata: string, code: string): string =>
  writtenProfile(join(folder.path, name), {}, { 'inspec.yml': `name: ${name}\nversion: 1.0.0\n${metadata}`, 'controls/all.rb': code })

/** Folders of PATH without that program. */
const pathWithout = async (program: string): Promise<string> => {
  const bin = join(folder.path, `without-${program}`)
  mkdirSync(bin)
  for (const name of ['node', 'ruby', 'setpriv', 'unshare', 'prlimit', 'sh', 'bwrap']) {
    const file = name === program ? undefined : await findOnPath(name, process.env['PATH'])
    if (file !== undefined) symlinkSync(file, join(bin, name))
  }
  return bin
}

const nothingAsked = (ran: Ran): void => expect([server.objects.made(), leftHere(ran)]).toEqual([[], []])

describe('a scan', () => {
  test.each(kinds)('by a real auditor in %s, of a profile that includes another beside it, passes, says so, and leaves nothing', async (kind) => {
    written(`base-${kind}`, '', "control('based') { describe(file('/')) { it { should be_directory } } }\n")
    const over = written(`over-${kind}`, `depends:\n  - name: base-${kind}\n    path: ../base-${kind}\n`, `include_controls 'base-${kind}'\n`)
    const ran = await scan(['--profile', over, '--isolation', kind]).ended
    expect([ran.code, ran.stderr.match(/^error.*/gm)]).toEqual([0, null])
    expect(recorded().kind).toBe(kind)
    expect(ran.stdout).toContain(`isolation of the auditor: ${kind}`)
    expect(recorded().says).toContain(HAS_CGROUP ? '; cgroup: ' : '; no cgroup: ')
    expect(ran.stderr.includes('warning: Isolation of the auditor: none')).toBe(kind === 'none')
    expect(readFileSync(join(folder.path, 'kscan-reports', 'report.html'), 'utf8')).toContain(`<dt>Isolation</dt><dd>${kind}`)
    nothingAsked(ran)
  })

  test('takes the next means where the strongest is not there, and says why', async () => {
    const ran = await scan([...profile('first'), '--controls', 'system-1'], { PATH: await pathWithout('bwrap') }).ended
    expect([ran.code, recorded()]).toEqual([0, { kind: 'namespaces', says: expect.stringContaining('not bwrap: bwrap is not installed') }])
  })

  test('with one that was named and is not there fails before any right exists', async () => {
    const before = accountsMade()
    const ran = await scan([...profile('first'), '--isolation', 'namespaces'], { PATH: await pathWithout('unshare') }).ended
    expect([ran.code, ran.stderr]).toEqual([4, expect.stringContaining('error: The isolation namespaces does not work for the auditor here: ')])
    expect(ran.stderr).toContain('kernel.apparmor_restrict_unprivileged_userns')
    expect(accountsMade()).toBe(before)
    nothingAsked(ran)
  })

  test('of a profile that includes what nothing pins fails before any right exists', async () => {
    const over = written('over', 'depends:\n  - name: base\n    url: https://git.test/base.tar.gz\n', '')
    const ran = await scan(['--profile', over]).ended
    expect([ran.code, ran.stderr]).toEqual([
      2,
      expect.stringMatching(/dependencies that are pinned.*; got base: https:\/\/git\.test\/base\.tar\.gz without its sha256.*kscan vendor/)
    ])
    nothingAsked(ran)
  })

  test('lets git see its own folder and nothing else of the run', async () => {
    const bin = join(folder.path, 'git', 'bin')
    mkdirSync(bin, { recursive: true })
    const looks = [kubeconfig, '$HOME/../../../.local/state/kscan', '$HOME/../../kubeconfig'].map(
      (path) => `ls -d "${path}" >&2 2>/dev/null && echo "seen: ${path}" >&2`
    )
    const git = `#!/bin/sh\nif [ "$1" = --version ]; then exit; fi\n${looks.join('\n')}\necho "home: $(ls "$HOME")" >&2\nexit 128\n`
    writeFileSync(join(bin, 'git'), git, { mode: 0o755 })
    const source = ['--profile', `git+https://git.test/p@${'a'.repeat(40)}`]
    const ran = await scan(source, { PATH: `${bin}:${process.env['PATH'] ?? ''}` }).ended
    expect([ran.code, ran.stderr]).toEqual([3, expect.stringContaining(`Isolation of git: ${HAS_BWRAP ? 'bubblewrap' : 'namespaces'}`)])
    expect(ran.stderr).toMatch(/git init: home: profile-[0-9a-f]{16}$/m)
  })

  test('with a word that is none is bad input', async () => {
    const ran = await scan([...profile('first'), '--isolation', 'docker']).ended
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('isolation: expected one of auto, bwrap, namespaces, user, none')])
  })

  test.each(kinds.filter((kind) => kind !== 'none'))('in %s that is killed takes its auditor with it', async (kind) => {
    const run = scan([...profile('slow'), '--isolation', kind])
    await run.until('Isolation of the auditor')
    const own = await folderWithAuditor(run.folder)
    expect(orphansOf(own)).not.toEqual([])
    process.kill(run.pid, 'SIGKILL')
    await run.ended
    for (let tries = 0; tries < 100 && orphansOf(own).length > 0; tries += 1) await sleep(100)
    expect([orphansOf(own), cgroupsNamed(basename(own)).length]).toEqual([[], HAS_CGROUP ? 1 : 0])
    const cleaned = await startCommandLine(['cleanup'], { folder: run.folder, env: { KUBECONFIG: kubeconfig } }).ended
    expect([cleaned.code, cleaned.stderr]).toEqual([0, ''])
    expect([leftHere(run), cgroupsNamed(basename(own))]).toEqual([[], []])
  })
})
const accountsMade = (): number => server.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/serviceaccounts')).length
const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

/** The folder of the run, once an auditor works in it. */
const folderWithAuditor = async (place: string): Promise<string> => {
  for (;;) {
    const own = leftHere({ folder: place })
      .map((name) => join(place, 'tmp', name))
      .find((path) => orphansOf(path).length > 0)
    if (own !== undefined) return own
    await sleep(50)
  }
}
