import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { cluster } from './audit-log.ts'
import { type HdfReport, hdfOf, kscan, unjudged, wordsOf } from './cli.ts'
import { deploy } from './deployed.ts'
import { pairProfile } from './pair-checks.ts'
import { RESTRICTED, startRestrictedPod } from './restricted-pod.ts'
import { TOOLBOX } from './toolbox.ts'

/** The debian image of the cluster: its whole content, tools and libraries included. */
const DEBIAN = join(cluster('kubeconfig').trim(), '..', '..', 'images', 'debian')
const WAITER = '#include <unistd.h>\nint main(void) { for (;;) pause(); }\n'
/** What a distroless image lacks. */
const SOFTWARE = ['bin', 'sbin', 'lib', 'lib64', 'usr', 'boot', 'dev', 'proc', 'sys', 'run']

/** With owners and modes, and links as they are. */
const copy = (from: string, to: string): Buffer => execFileSync('cp', ['-a', from, to])

/** The content that both images of a pair have. */
const makeContent = (root: string): void => {
  mkdirSync(root)
  for (const name of readdirSync(DEBIAN).filter((each) => !SOFTWARE.includes(each))) copy(join(DEBIAN, name), root)
  execFileSync('gcc', ['-static', '-s', '-o', join(root, 'app'), '-x', 'c', '-'], { input: WAITER })
  const etc = (name: string): string => join(root, 'etc', name)
  mkdirSync(join(root, 'usr/lib'), { recursive: true })
  copy(join(DEBIAN, 'usr/lib/os-release'), join(root, 'usr/lib'))
  writeFileSync(etc('pair.ini'), '[main]\nkey = value\n')
  writeFileSync(etc('pair.json'), '{"a": 1, "b": [true, null]}')
  writeFileSync(etc('pair.yaml'), 'a: 1\nc: d\n')
  writeFileSync(etc('pair.crontab'), '5 * * * * /bin/true\n')
  symlinkSync('pair.ini', etc('pair.link'))
}

/** Another content, of which other answers are right. */
const mutate = (root: string): void => {
  const etc = (name: string): string => join(root, 'etc', name)
  chmodSync(etc('services'), 0o600)
  chmodSync(etc('login.defs'), 0o666)
  rmSync(etc('issue'))
  rmSync(etc('pair.ini'))
  writeFileSync(etc('pair.json'), '{"a": 2}')
  writeFileSync(etc('pair.yaml'), 'a: [unclosed\n')
  writeFileSync(etc('pair.crontab'), '* * * * * /bin/false\n')
  execFileSync('chown', ['1:1', etc('protocols')])
  appendFileSync(etc('passwd'), 'toor:x:0:0::/root:/bin/sh\n')
  writeFileSync(etc('group'), readFileSync(etc('group'), 'utf8').replace(/^mail:.*\n/m, ''))
  const status = join(root, 'var/lib/dpkg/status')
  writeFileSync(status, readFileSync(status, 'utf8').replace(/^Status: install ok installed$/m, 'Status: deinstall ok config-files'))
}

const makeImage = (name: string, root: string): void => {
  execFileSync('tar', ['--numeric-owner', '-C', root, '-cf', `${root}.tar`, '.'])
  cluster('image', name, `${root}.tar`, '{"Entrypoint":["/app"],"User":"65532"}')
  rmSync(`${root}.tar`)
}

let work = ''
const profileOf = (live: boolean): string => join(work, live ? 'profile' : 'profile-image')

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'kscan-e2e-pair-'))
  const root = join(work, 'root')
  makeContent(root)
  for (const live of [true, false]) {
    mkdirSync(join(profileOf(live), 'controls'), { recursive: true })
    writeFileSync(join(profileOf(live), 'inspec.yml'), 'name: pair\nversion: 1.0.0\ntitle: The same content, asked through different shells\n')
    writeFileSync(join(profileOf(live), 'controls', 'pair.rb'), pairProfile(root, { live }))
  }
  for (const kind of ['plain', 'mutated'] as const) {
    if (kind === 'mutated') mutate(root)
    makeImage(`test.local/pair-bare-${kind}:1`, root)
    const whole = join(work, `whole-${kind}`)
    copy(root, whole)
    for (const name of SOFTWARE) copy(join(DEBIAN, name), whole)
    for (const tool of ['getent', 'which']) execFileSync('cp', ['-L', `/usr/bin/${tool}`, join(whole, 'usr/bin')]) // the image lacks them, the toolbox does not
    makeImage(`test.local/pair-whole-${kind}:1`, whole)
    rmSync(whole, { recursive: true, force: true })
    for (const half of ['bare', 'whole']) await startRestrictedPod(`pair-${half}-${kind}`, `test.local/pair-${half}-${kind}:1`)
    await deploy(`pair-sidecar-${kind}`, `test.local/pair-bare-${kind}:1`, { components: ['sidecar'] })
  }
})
afterAll(() => rmSync(work, { recursive: true, force: true }))

interface Answers {
  readonly words: Record<string, unknown[]>
  readonly unjudged: string[]
}

const answersOf = async (target: string[], live: boolean, ...more: string[]): Promise<Answers> => {
  const ran = await kscan(['scan', '--namespace', RESTRICTED, ...target, '--profile', profileOf(live), '--container-detection', 'native', ...more])
  expect(ran.stderr).not.toContain('could not be scanned')
  const [report] = [...hdfOf(ran).values()] as [HdfReport]
  return { words: wordsOf(report), unjudged: unjudged(ran) }
}

/** An object's address of the auditor's own memory differs from run to run. */
const comparable = (word: unknown): string => (JSON.stringify(word) ?? '').replaceAll(/0x[0-9a-f]+/g, '0x')

const differences = (left: Answers['words'], right: Answers['words']): unknown[] =>
  Object.entries(right).flatMap(([id, words]) =>
    words.flatMap((word, index) => (comparable(word) === comparable(left[id]?.[index]) ? [] : [{ own: left[id]?.[index], lent: word }]))
  )

describe.each(['plain', 'mutated'])('the %s content', (kind) => {
  let own: Answers
  beforeAll(async () => {
    own = await answersOf(['--pod', `pair-whole-${kind}`], true)
  })

  test('gives both outcomes through its own shell', () => {
    const results = Object.values(own.words).flat() as [string][]
    expect(results.length).toBeGreaterThan(600)
    for (const outcome of ['passed', 'failed']) expect(results.filter(([status]) => status === outcome).length).toBeGreaterThan(results.length / 4)
  })

  test.each<[approach: string, target: string[], live: boolean, more: string[]]>([
    ['debug-container', ['--pod', `pair-bare-${kind}`], true, ['--allow', 'unpoliced-ephemeral-container']],
    ['sidecar-container', ['--workload', `deployment/pair-sidecar-${kind}`], true, []],
    ['twin-pod', ['--pod', `pair-bare-${kind}`], false, ['--allow', 'scan-pod']]
  ])('gives the same results without shell and tools, through %s', async (approach, target, live, more) => {
    const lent = await answersOf(target, live, '--approach', approach, '--helper-image', TOOLBOX, ...more)
    expect(differences(own.words, lent.words)).toEqual([])
    expect(Object.values(lent.words).flat().length).toBeGreaterThan(600)
    expect(lent.unjudged.length / Object.keys(lent.words).length).toBeLessThanOrEqual(0.02)
  })
})
