import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { z } from 'zod'
import { unpinnedIn } from '../../scripts/release/check/digests.ts'

const Step = z.looseObject({
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).optional(),
  env: z.record(z.string(), z.string()).optional()
})
const Job = z.looseObject({
  needs: z.union([z.string(), z.array(z.string())]).optional(),
  'runs-on': z.string(),
  'timeout-minutes': z.number(),
  environment: z.string().optional(),
  permissions: z.record(z.string(), z.enum(['read', 'write'])),
  strategy: z.looseObject({ matrix: z.record(z.string(), z.array(z.unknown())) }).optional(),
  steps: z.array(Step)
})
/** Nobody has a right but a job that says so, and each says how long it may take. */
const Workflow = z.looseObject({ name: z.string(), on: z.unknown(), permissions: z.strictObject({}), jobs: z.record(z.string(), Job) })
type Job = z.infer<typeof Job>

const read = (file: string): z.infer<typeof Workflow> => Workflow.parse(parse(readFileSync(file, 'utf8')))
const scripts = Object.keys((JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: object }).scripts)
const FILES = globSync('.github/workflows/*.yml').toSorted()

describe.each(FILES)('%s', (file) => {
  const jobs = Object.values(read(file).jobs)
  const steps = jobs.flatMap((job) => job.steps)

  test('names each action by its commit', () => expect(unpinnedIn(readFileSync(file, 'utf8'))).toEqual([]))

  test('keeps no credentials in a clone', () => {
    const clones = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@') === true)
    expect([clones.length > 0, clones.filter((step) => step.with?.['persist-credentials'] !== false)]).toEqual([true, []])
  })

  test('puts no expression into a shell', () => {
    expect(steps.filter(({ run }) => run?.includes('${{') === true)).toEqual([])
  })

  test('runs scripts that there are, from files that there are', () => {
    const lines = steps.flatMap(({ run }) => run?.split('\n') ?? [])
    const named = lines.flatMap((line) => [...(/\bnpm (?:run )?(?:--silent )?([\w:]+)/.exec(line)?.slice(1) ?? [])])
    expect([named.length > 0, named.filter((name) => !scripts.includes(name))]).toEqual([true, []])
    const paths = lines.flatMap((line) => [...line.matchAll(/\b(?:test|scripts)\/[\w./-]+/g)].map(([path]) => path))
    expect(paths.filter((path) => globSync([path, `${path}*`]).length === 0)).toEqual([])
  })
})

describe('a change is tested', () => {
  const { jobs } = read('.github/workflows/ci.yml')

  test('on each Ruby that is supported, on arm64, on macOS, and as a release', () => {
    expect(jobs['ruby']?.strategy?.matrix['ruby']).toEqual(['3.1', '3.2', '3.3', '3.4'])
    expect([jobs['arm64']?.['runs-on'], jobs['macos']?.['runs-on'], Object.hasOwn(jobs, 'release')]).toEqual([
      'ubuntu-24.04-arm',
      expect.stringMatching(/^macos-/),
      true
    ])
  })

  test('without a right but to read', () => {
    expect(Object.values(jobs).map(({ permissions }) => permissions)).toEqual(Object.values(jobs).map(() => ({ contents: 'read' })))
  })
})

describe('a release', () => {
  const file = '.github/workflows/release.yml'
  const { jobs, on } = read(file)
  const job = (name: string): Job => jobs[name] as Job

  test('is one of a tag vX.Y.Z', () => expect(on).toEqual({ push: { tags: ['v[0-9]+.[0-9]+.[0-9]+'] } }))

  test('is refused before anything is made, and published last', () => {
    expect(Object.entries(jobs).map(([name, { needs }]) => [name, needs])).toEqual([
      ['files', undefined],
      ['images', 'files'],
      ['component', 'images'],
      ['attest', 'component'],
      ['publish', 'attest']
    ])
    const runs = job('files').steps.flatMap(({ run }) => run ?? [])
    expect(runs[0]).toBe('npm run release -- may')
  })

  test('gives each right to one job, and the token to one step', () => {
    const rights = Object.entries(jobs).map(([name, { permissions }]) => [name, permissions])
    expect(rights).toEqual([
      ['files', { contents: 'read' }],
      ['images', { contents: 'read' }],
      ['component', { contents: 'read' }],
      ['attest', { 'id-token': 'write', attestations: 'write' }],
      ['publish', { contents: 'write' }]
    ])
    const withToken = Object.values(jobs).flatMap(({ steps }) =>
      steps.filter(({ env }) => Object.values(env ?? {}).some((value) => value.includes('github.token')))
    )
    expect(withToken.map(({ run }) => run)).toEqual(['npm run release -- publish'])
    expect(job('publish').steps.findIndex(({ run }) => run?.startsWith('node scripts/ready.mjs') === true)).toBe(2)
  })

  test('asks before it uses a secret or writes', () => {
    const text = (name: string): string => JSON.stringify(job(name))
    const careful = Object.keys(jobs).filter((name) => text(name).includes('secrets.') || text(name).includes('"contents":"write"'))
    expect(careful.map((name) => [name, job(name).environment])).toEqual(careful.map((name) => [name, 'release']))
  })

  test('signs each file and both images', () => {
    const signed = job('attest').steps.flatMap(({ uses, with: given }) => (uses?.startsWith('actions/attest') === true ? [given ?? {}] : []))
    expect(signed.map((given) => Object.keys(given).toSorted().join())).toEqual([
      'subject-checksums',
      'subject-digest,subject-name',
      'subject-digest,subject-name',
      'sbom-path,subject-path',
      'sbom-path,subject-digest,subject-name'
    ])
  })

  test('takes all steps of npm run release, and no other', () => {
    const said = readFileSync('scripts/release/main.ts', 'utf8')
    const [, list = ''] = /^const STEPS[^]*?= \{\n([^]*?)^\}/m.exec(said) ?? []
    const steps = [...list.matchAll(/^ {2}(\w+):/gm)].map(([, name = '']) => name)
    const taken = Object.values(jobs).flatMap((each) => each.steps.flatMap(({ run }) => /^npm run release -- (\w+)/.exec(run ?? '')?.[1] ?? []))
    expect(taken.toSorted()).toEqual(steps.toSorted())
  })
})
