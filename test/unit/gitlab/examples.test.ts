import { execFileSync, spawn } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { z } from 'zod'
import { COMPONENT_INPUTS } from '../../../src/config/component.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { VERSION } from '../../../src/version.ts'
import { CONTEXT, problemsOf } from '../config/load-support.ts'
import { identityToken } from '../../support/identity-token.ts'
import { interpolate, readTemplate } from '../../support/gitlab-interpolation.ts'
import { gitlabSchema } from '../../support/gitlab-schema.ts'

const Pipeline = z.looseObject({ include: z.array(z.strictObject({ component: z.string(), inputs: z.record(z.string(), z.unknown()) })) })

const fits = gitlabSchema()
const template = readTemplate(readFileSync('gitlab/templates/kscan.yml', 'utf8'))
const specs = template.head.spec.inputs
const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  array: Array.isArray
}

/** What GitLab would not accept of the inputs of an include. */
const refused = (inputs: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(inputs).flatMap(([name, value]) => {
    const spec = specs[name]
    if (spec === undefined) return [`${name}: unknown`]
    if (TYPES[String(spec['type'])]?.(value) !== true) return [`${name}: no ${String(spec['type'])}`]
    if (Array.isArray(spec['options']) && !spec['options'].includes(value)) return [`${name}: no option`]
    const { regex } = spec
    return typeof regex !== 'string' || new RegExp(regex).test(String(value)) ? [] : [`${name}: does not match`]
  })

const folder = mkdtempSync(join(tmpdir(), 'kscan-examples-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Listed {
  readonly code: number
  readonly told: string
}

/** The jobs that GitLab's runner for one machine finds in a pipeline of the component's own project, once it has held it against the schema. */
const list = async (pipeline: string, name: string): Promise<Listed> => {
  const project = join(folder, name)
  cpSync('gitlab', project, { recursive: true })
  writeFileSync(join(project, '.gitlab-ci.yml'), pipeline)
  const git = (...args: string[]): void =>
    void execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.test', ...args], { cwd: project, stdio: 'ignore' })
  git('init', '--initial-branch=main')
  git('remote', 'add', 'origin', 'git@gitlab.example:org/kscan.git')
  git('add', '--all')
  git('commit', '--message=x')
  const args = [join(process.cwd(), 'node_modules/gitlab-ci-local/dist/index.js'), '--list-all', '--no-color']
  const child = spawn(process.execPath, args, { cwd: project, env: { PATH: process.env['PATH'] ?? '', HOME: folder }, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number>((done) => child.once('close', (code) => done(code ?? -1)))
  const [code, out, error] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return { code, told: out + error }
}

const PUBLISHED = `$CI_SERVER_FQDN/org/kscan/kscan@${VERSION}`
const OWN = '$CI_SERVER_FQDN/$CI_PROJECT_PATH/kscan@$CI_COMMIT_SHA'

const listed = new Map<string, Listed>()
beforeAll(async () => {
  const own = readFileSync('gitlab/.gitlab-ci.yml', 'utf8')
  const broken = `include: [{ component: '${OWN}' }]\nbroken: { script: ['true'], tags: [] }\n`
  const pipelines = [
    ...files.map((file) => [file, readFileSync(file, 'utf8').replaceAll(PUBLISHED, OWN)] as const),
    ['own', own] as const,
    ['broken', broken] as const
  ]
  await Promise.all(pipelines.map(async ([name, pipeline]) => listed.set(name, await list(pipeline, basename(name, '.yml')))))
})

const files = globSync('examples/gitlab/*.yml').toSorted()
test('the examples are those of the page of the component', () => {
  const named = [...readFileSync('gitlab/README.md', 'utf8').matchAll(/examples\/gitlab\/(\w[\w-]*\.yml)\)/g)].map(([, name = '']) => name)
  expect(named.toSorted()).toEqual(files.map((file) => basename(file)))
})

describe.each(files)('%s', (file) => {
  const source = readFileSync(file, 'utf8')
  const { include, ...jobs } = Pipeline.parse(parse(source))

  test('includes the component by its version, with inputs that GitLab accepts', () => {
    for (const { component, inputs } of include) expect([component, refused(inputs)]).toEqual([PUBLISHED, []])
  })

  test('has inputs that kscan accepts', () => {
    const matrix = (jobs['kscan'] as { parallel?: object } | undefined)?.parallel === undefined ? [] : [['namespace', 'shop'] as const]
    for (const { inputs } of include) {
      const given = Object.entries(inputs).filter(([name]) => COMPONENT_INPUTS.some((input) => input.name === name))
      const expanded = [...given, ...matrix].map(
        ([name, value]) => [name, String(value).replace('$CI_REGISTRY_IMAGE:$CI_COMMIT_SHA', 'app:1').replace('$CI_COMMIT_REF_SLUG', 'x')] as const
      )
      const raw = new Map(expanded.map(([name, value]) => [name, { value, origin: 'environment' as const }]))
      expect(
        problemsOf(() =>
          loadConfig(raw, { ...CONTEXT, readFile: (path) => readFileSync(join('examples', path), 'utf8'), env: { KSCAN_ID_TOKEN: identityToken({}) } })
        )
      ).toEqual([])
    }
  })

  test("fits GitLab's schema, and adds to no job of the component that is not there", () => {
    const made = include.reduce<Record<string, unknown>>((all, { inputs }) => Object.assign(all, interpolate(template, inputs)), {})
    expect([fits(parse(source)), fits.errors]).toEqual([true, null])
    const added = Object.entries(jobs).filter(([, job]) => !('script' in (job as object)) && !Array.isArray(job))
    expect(added.filter(([name]) => made[name] === undefined)).toEqual([])
  })

  test('is a pipeline for the runner', () => {
    expect(listed.get(file)).toEqual({ code: 0, told: expect.stringContaining('json schema validated') })
    for (const name of include.map(({ inputs }) => z.string().default('kscan').parse(inputs['job-name'])))
      expect(listed.get(file)?.told).toMatch(new RegExp(`^${name}(?:: \\[shop\\])? +test `, 'm'))
  })
})

test('the pipeline of the component is one for the runner', () => {
  expect(listed.get('own')).toEqual({ code: 0, told: expect.stringContaining('json schema validated') })
  for (const job of ['lint', 'self-test', 'self-test-gate', 'verify', 'stamped', 'release'])
    expect(listed.get('own')?.told).toMatch(new RegExp(`^${job} +`, 'm'))
})

test('a pipeline that does not fit is none', () => {
  expect(listed.get('broken')).toEqual({ code: 1, told: expect.stringMatching(/tags.*fewer than 1/) })
})
