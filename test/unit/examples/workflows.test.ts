import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { z } from 'zod'
import { loadConfig } from '../../../src/config/load.ts'
import { KNOWN_ACTIONS } from '../../support/known-actions.ts'
import { inputsOf, type Job, readWorkflow } from '../../support/workflow.ts'
import { CONTEXT, problemsOf, rawOf } from '../config/load-support.ts'

const FILES = [...globSync('examples/github/*.yml'), 'examples/workflow/compliance.yml', 'examples/pull-request/compliance.yml'].toSorted()
const OURS = 'org/kscan-action@v1'

const Action = z.looseObject({ inputs: z.record(z.string(), z.unknown()) })
const inputs = Object.keys(Action.parse(parse(readFileSync('action.yml', 'utf8'))).inputs)

/** A file that an example reads is that of examples/; reports of an earlier run are there in a real run only. */
const readFile = (path: string): string => (path.startsWith('baseline/') ? '{}' : readFileSync(join('examples', path), 'utf8'))

/** As in a job with `permissions: id-token: write`. */
const MAY_ASK = { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://pipelines.test', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x' }

/** The permissions that the steps of a job use: each is named, and no other. */
const used = (job: Job): Record<string, string> => {
  const text = JSON.stringify(job.steps)
  const uses = (name: string): boolean => job.steps.some((step) => step.uses?.startsWith(name) === true)
  return {
    ...(uses('actions/checkout@') ? { contents: 'read' } : {}),
    ...(uses('github/codeql-action/upload-sarif@') ? { 'security-events': 'write' } : {}),
    ...(/aws-actions\/|google-github-actions\/auth|azure\/login|"identity":"github-oidc"/.test(text) ? { 'id-token': 'write' } : {}),
    ...(text.includes('gh run ') ? { actions: 'read' } : {}),
    ...(text.includes('gh pr comment ') ? { 'pull-requests': 'write' } : {})
  }
}

const SECRET = /secrets\.|github\.token|\bpassword\b/i

describe.each(FILES)('%s', (file) => {
  const source = readFileSync(file, 'utf8')
  const workflow = readWorkflow(file)
  const jobs = Object.values(workflow.jobs)
  const steps = jobs.flatMap((job) => job.steps)

  test('says in its head where it belongs and what it needs', () => {
    const head = /^(?:# .*\n)+/.exec(source)?.[0] ?? ''
    expect(head).toMatch(/^# \.github\/workflows\/[\w-]+\.yml/)
    if (file.startsWith('examples/github/'))
      expect([head.includes(`workflows/${file.split('/').at(-1)}:`), head.includes('\n# It needs: ')]).toEqual([true, true])
    for (const [, path = ''] of head.matchAll(/\b((?:keyless|service-account|distroless)\/[\w-]+\.yaml)/g))
      expect([path, existsSync(join('examples', path))]).toEqual([path, true])
  })

  test('has actions of others at the commit whose version it names, with inputs that these take', () => {
    const pins = [...source.matchAll(/uses: (\S+?)@(\S+)(?: # (\S+?))?;?(?: .*)?$/gm)].map(([, name = '', ref = '', version]) => ({ name, ref, version }))
    expect(pins).toHaveLength(steps.filter(({ uses }) => uses !== undefined).length)
    for (const { name, ref, version } of pins.filter((pin) => `${pin.name}@${pin.ref}` !== OURS)) {
      expect([name, ref, version]).toEqual([name, KNOWN_ACTIONS[name]?.commit, KNOWN_ACTIONS[name]?.version])
      expect(ref).toMatch(/^[0-9a-f]{40}$/)
    }
    for (const { uses = '', with: given = {} } of steps.filter((step) => step.uses !== undefined && step.uses !== OURS)) {
      const known = KNOWN_ACTIONS[uses.split('@')[0] ?? '']
      expect([uses, Object.keys(given).filter((name) => known?.inputs.includes(name) !== true)]).toEqual([uses, []])
      expect([uses, known?.needs.filter((name) => !(name in given))]).toEqual([uses, []])
    }
  })

  test('has inputs that kscan knows and accepts', () => {
    const own = jobs.flatMap((job) => job.steps.filter(({ uses }) => uses === OURS).map((step) => ({ step, job })))
    expect(own).toHaveLength(1)
    for (const { step, job } of own) {
      expect(Object.keys(step.with ?? {}).filter((name) => !inputs.includes(name))).toEqual([])
      for (const given of inputsOf(step, job)) {
        const kept = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '')) // an empty input was not given
        expect([given, problemsOf(() => loadConfig(rawOf(kept), { ...CONTEXT, env: MAY_ASK, readFile }))]).toEqual([given, []])
      }
    }
  })

  test('may do what its steps do, and no more; has an end, and no secret where every step sees it', () => {
    for (const job of jobs) expect([job.permissions, job['runs-on'], job['timeout-minutes'] <= 20]).toEqual([used(job), 'ubuntu-24.04', true])
    for (const { env } of [workflow, ...jobs]) expect(JSON.stringify(env ?? {})).not.toMatch(SECRET)
    for (const step of steps.filter(({ uses }) => uses?.startsWith('actions/checkout@') === true)) expect(step.with).toEqual({ 'persist-credentials': false })
    for (const { run } of steps) expect(run ?? '').not.toContain('${{') // what others may name is no part of a script
  })
})

test('the inputs of a step are those of each way that its matrix goes', () => {
  const job = readWorkflow('examples/github/environments.yml').jobs['scan']
  const step = job?.steps.find(({ uses }) => uses === OURS)
  expect(step === undefined || job === undefined ? [] : inputsOf(step, job).map((given) => given['threshold-file'])).toEqual([
    'thresholds/staging.yaml',
    'thresholds/production.yaml'
  ])
})
