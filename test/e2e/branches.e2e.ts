import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { type AuditEvent, below, changes, REVIEW, right, watchAudit } from './audit-log.ts'
import { forbiddenHelpers } from '../../src/approach/forbidden-helpers.ts'
import { kscan, leftHere, type Ran } from './cli.ts'
import { leftBehind, NAMESPACE } from './cluster.ts'
import { enforcePolicy } from './helper-policy.ts'
import { freshPods, RESTRICTED } from './restricted-pod.ts'
import { TOOLBOX } from './toolbox.ts'
import { Folder } from '../support/kubeconfig.ts'
import { LENIENT, stubAuditor } from '../support/stub-auditor.ts'

beforeAll(freshPods)
afterEach(async () => expect(await leftBehind()).toEqual([]))

/** What is asked of a pod with one volume, before a helper is added. */
const ASKED = forbiddenHelpers({ name: 'kscan', image: TOOLBOX, target: 'main', uid: 1, gid: 1, lifetime: 1 }, { volumes: [{ name: 'one' }] }).length

interface Case {
  readonly namespace: string
  readonly pod: string
  readonly options: string
  /** An admission policy limits the scanner to the helper. */
  readonly policed: boolean
  readonly code: number
  /** Headings of the branches that are taken, in their order. */
  readonly taken: readonly string[]
  readonly dryRuns: number
  /** A helper-image that is not the toolbox: a second helper is added. */
  readonly foreign?: string
}
const LENT = 'If a container has no usable shell, or lacks'
const TWIN = 'If a container has no usable shell, and no helper'
const DIRECT = '--approach debug-container --allow ephemeral-container'
const ALL = '--allow ephemeral-container,scan-pod'

const CASES: readonly (readonly [name: string, case_: Case])[] = [
  ['debug-container', { namespace: RESTRICTED, pod: 'static', options: DIRECT, policed: true, code: 0, taken: [], dryRuns: ASKED }],
  [
    'debug-container of any image',
    {
      namespace: RESTRICTED,
      pod: 'static',
      options: '--approach debug-container --allow unpoliced-ephemeral-container',
      policed: false,
      code: 0,
      taken: [],
      dryRuns: 0,
      foreign: 'test.local/debian:1'
    }
  ],
  ['auto, with a shell', { namespace: NAMESPACE, pod: 'debian', options: '--allow scan-pod', policed: false, code: 0, taken: [], dryRuns: 0 }],
  ['auto, with a helper', { namespace: RESTRICTED, pod: 'base', options: ALL, policed: true, code: 0, taken: [LENT], dryRuns: ASKED }],
  ['auto, with a pod of its image', { namespace: RESTRICTED, pod: 'base', options: ALL, policed: false, code: 0, taken: [LENT, TWIN], dryRuns: ASKED }],
  ['auto, with nothing left', { namespace: RESTRICTED, pod: 'base', options: '--allow none', policed: false, code: 4, taken: [], dryRuns: 0 }]
]

interface Seen {
  readonly plan: string
  readonly ran: Ran
  readonly byCaller: readonly AuditEvent[]
  readonly byScanner: readonly AuditEvent[]
}

/** What the cluster is asked for is the same whatever the auditor asks of a container. */
const stubs = new Folder()
afterAll(() => stubs.remove())
const NO_AUDIT = ['--profile', resolve('test/fixtures/profiles/first'), '--auditor', stubAuditor(stubs), ...LENIENT]

const observe = async ({ namespace, pod, options, policed, foreign }: Case): Promise<Seen> => {
  const dropPolicy = policed ? await enforcePolicy() : undefined
  try {
    const words = ['--namespace', namespace, '--pod', pod, '--helper-image', foreign ?? TOOLBOX, ...options.split(' ')]
    const { stdout: plan } = await kscan(['plan', ...words])
    const events = watchAudit()
    const ran = await kscan(['scan', ...words, ...NO_AUDIT])
    const seen = events().filter(({ user }) => !/^system:(serviceaccount:kube-system:|kube-|node:|apiserver|anonymous)/.test(user.username))
    const byScanner = seen.filter(({ user }) => user.username.startsWith(`system:serviceaccount:${namespace}:kscan-`))
    return { plan, ran, byCaller: seen.filter((event) => !byScanner.includes(event)), byScanner }
  } finally {
    await dropPolicy?.()
  }
}

const isDry = ({ requestURI }: AuditEvent): boolean => requestURI.includes('dryRun=All')

/** `get,create pods/exec [a b]` is four rights; `create pods` is one. */
const rightsIn = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => {
    const [, verbs, resource, names] = /^([a-z,]+) (pods(?:\/[a-z]+)?)(?: \[(.*)\])?$/.exec(line) ?? []
    if (verbs === undefined || resource === undefined) return []
    return verbs.split(',').flatMap((verb) => (names === undefined ? [`${verb} ${resource}`] : names.split(' ').map((name) => `${verb} ${resource} ${name}`)))
  })

describe.each(CASES)('by the audit log, %s', (_name, asked) => {
  let seen: Seen
  let branches: string[][] = []
  const run = (): string => `kscan-${(JSON.parse(readFileSync(join(seen.ran.folder, 'kscan-reports', 'run.json'), 'utf8')) as { run: string }).run}`
  const named = (lines: readonly string[]): string[] => lines.map((line) => line.replaceAll(run(), 'kscan-RUN').replace(/kscan-RUN-[a-z]+-\d+$/, 'kscan-RUN-N'))
  beforeAll(async () => {
    seen = await observe(asked)
    branches = asked.taken.map((heading) => below(seen.plan, heading))
  })

  test('ends as it must', () => expect([seen.ran.code, leftHere(seen.ran), seen.ran.stderr]).toEqual([asked.code, [], expect.any(String)]))

  test('changes as the caller what the plan lists for the branches that were taken', () => {
    const [made, gone] = ['POST', 'DELETE'].map((verb) => (lines: string[]) => lines.filter((line) => line.startsWith(`${verb} apis/`)))
    expect(changes(seen.byCaller).map((line) => line.replaceAll(run(), 'kscan-RUN'))).toEqual([
      ...below(seen.plan, 'Made in the cluster:'),
      ...branches.flatMap((lines) => made?.(lines) ?? []),
      ...branches.toReversed().flatMap((lines) => gone?.(lines) ?? []),
      ...below(seen.plan, 'Removed at the end')
    ])
  })

  test('changes as the scanner what the plan lists for them, and the rest are dry runs', () => {
    const planned = [...below(seen.plan, 'Added to each pod'), ...below(seen.plan, 'Made by the scanner'), ...branches.flat()]
    const listed = planned.filter((line) => /^(PATCH|POST|DELETE) api\/v1\/.*\/pods(\/|$)/.test(line))
    const really = named(changes(seen.byScanner.filter((event) => !isDry(event)))).filter((line) => !line.endsWith('/exec'))
    const refused = asked.taken.includes(TWIN) ? listed.filter((line) => line.startsWith('PATCH')) : []
    expect(really).toEqual(listed.filter((line) => !refused.includes(line)).flatMap((line) => (asked.foreign === undefined ? line : [line, line])))
    expect(seen.byScanner.filter(isDry).map(({ verb }) => verb)).toEqual(Array(asked.dryRuns).fill('patch'))
  })

  test('uses of the scanner every right of its roles and no other; the verb create of an exec does not show', () => {
    const granted = rightsIn([...below(seen.plan, 'Rights of the scanner:'), ...branches.flat()])
    const used = new Set(named(seen.byScanner.map(right)).map((each) => each.replace(/^(create pods) .*/, '$1')))
    expect([...used].filter((each) => each !== REVIEW && !granted.includes(each))).toEqual([])
    expect(granted.filter((each) => !used.has(each) && !each.startsWith('create pods/exec'))).toEqual([])
  })
})
