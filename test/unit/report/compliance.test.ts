import { describe, expect, test } from '@jest/globals'
import { complianceOf } from '../../../src/report/compliance.ts'
import type { AssessedRow } from '../../../src/report/compliance-shape.ts'
import { observedOf } from '../../../src/report/observed.ts'
import type { HelperRecord, RunRecord, TargetRecord } from '../../../src/report/record.ts'
import { parseRun, runJson } from '../../../src/report/run-json.ts'
import { judgeBy, judged, many } from '../verdict/sample.ts'
import { record, targetRecord } from './sample.ts'

const DIGEST = `sha256:${'0'.repeat(64)}`
const MADE = ['serviceaccount web/kscan-r', 'role web/kscan-r', 'rolebinding web/kscan-r']
const ACCESS: RunRecord['access'] = {
  mode: 'per-run',
  made: MADE,
  removed: MADE,
  rules: ['get pods [api-7d9]', 'get,create pods/exec [api-7d9]'],
  excess: [],
  held: { from: '2026-11-24T10:00:00.000Z', until: '2026-11-24T10:01:30.000Z' },
  tokenSeconds: 899
}
const HELPER: HelperRecord = { by: 'kscan', as: 'ephemeral-container', image: `toolbox@${DIGEST}`, policy: 'refuses', rights: 'restricted' }
const OWN = targetRecord('web/api/nginx', { helpers: [], imageId: `docker.io/nginx@${DIGEST}` })
const DEBUG = targetRecord('web/bare/main', {
  approach: 'debug-container',
  tamperResistance: 'lent-shell',
  helpers: [HELPER],
  kept: ['ephemeral container'],
  imageId: DIGEST
})
const PATCH = 'patch pods/ephemeralcontainers [api-7d9]'

const run = (targets: readonly TargetRecord[], more: Partial<RunRecord> = {}): RunRecord => record([], { access: ACCESS, targets, transcript: 'off', ...more })
const withAccess = (more: Partial<RunRecord['access']>): Partial<RunRecord> => ({ access: { ...ACCESS, ...more } })
const observed = (target: TargetRecord, more: Partial<RunRecord> = {}) => observedOf(run([target], more), target)

describe('what a run observed', () => {
  test('of a container with a shell of its own', () => {
    expect(observed(OWN)).toEqual({
      access: 'per-run',
      rules: 'named',
      'more-rights': 'none',
      'reads-secrets': 'refused',
      'creates-pods': 'refused',
      impersonates: 'refused',
      token: 15,
      held: 1.5,
      revoked: 'removed',
      isolation: 'namespaces',
      auditor: 'found',
      cluster: 'existing',
      transcript: 'off',
      leftovers: 'none',
      added: 'nothing',
      'helper-image': 'none',
      'helper-rights': 'none',
      approach: 'kubernetes-api',
      policy: 'not-needed',
      processes: 'apart',
      answers: 'own-shell',
      kept: 'nothing',
      namespace: 'own',
      image: 'digest'
    })
  })

  test('of one with a helper in its pod', () => {
    expect(observed(DEBUG, withAccess({ rules: [...ACCESS.rules, PATCH] }))).toMatchObject({
      approach: 'debug-container',
      added: 'ephemeral-container',
      'helper-image': 'digest',
      'helper-rights': 'restricted',
      policy: 'refuses',
      processes: 'joined',
      answers: 'lent-shell',
      kept: 'entry'
    })
  })

  test.each<[string, Partial<TargetRecord>, Partial<RunRecord>, object]>([
    ['a role that could not be removed', {}, withAccess({ removed: MADE.slice(1) }), { revoked: 'left' }],
    ['an account that is installed', {}, withAccess({ mode: 'service-account', made: [], removed: [] }), { revoked: 'expires', rules: undefined }],
    ['the rights of the caller', {}, withAccess({ mode: 'self', made: [], removed: [], tokenSeconds: undefined }), { revoked: 'not-ours', token: undefined }],
    ['nothing made', {}, withAccess({ made: [], removed: [] }), { revoked: undefined }],
    ['a right to Secrets', {}, withAccess({ excess: ['list secrets in web'] }), { 'more-rights': 'some', 'reads-secrets': 'allowed', impersonates: 'refused' }],
    ['a right to exec elsewhere, which is none to make pods', {}, withAccess({ excess: ['create pods/exec in web'] }), { 'creates-pods': 'refused' }],
    ['a right to make pods', {}, withAccess({ excess: ['create pods in web'] }), { 'creates-pods': 'allowed' }],
    ['a right to be another', {}, withAccess({ excess: ['impersonate users'] }), { impersonates: 'allowed' }],
    ['questions that nobody asked', {}, withAccess({ excess: undefined }), { 'more-rights': undefined, 'reads-secrets': undefined, 'creates-pods': undefined }],
    [
      'the rules of a twin',
      {},
      withAccess({ rules: ['create pods', 'get,delete pods [t]'], excess: [] }),
      { rules: 'with-new-pods', 'creates-pods': 'allowed' }
    ],
    ['a rule without names', {}, withAccess({ rules: ['get pods'] }), { rules: undefined }],
    ['a right to add helpers that was never used', {}, withAccess({ rules: [...ACCESS.rules, PATCH] }), { policy: 'not-asked', added: 'nothing' }],
    ['one for another pod', {}, withAccess({ rules: [PATCH.replace('api-7d9', 'api-7d9b')] }), { policy: 'not-needed' }],
    ['a twin after a right to add helpers', { approach: 'twin-pod', pod: 'kscan-r-0' }, withAccess({ rules: [PATCH] }), { policy: 'not-asked' }],
    ['a cluster that nobody asked to refuse more', { helpers: [{ ...HELPER, policy: 'not-asked' }] }, {}, { policy: 'not-asked' }],
    ['a helper of which that is not told', { helpers: [{ ...HELPER, policy: undefined }] }, {}, { policy: undefined }],
    ['a privileged helper', { helpers: [{ ...HELPER, rights: 'privileged' }] }, {}, { 'helper-rights': 'privileged' }],
    ['two helpers, one of them root', { helpers: [HELPER, { ...HELPER, rights: 'root' }] }, {}, { 'helper-rights': 'root' }],
    ['two helpers, one of them unread', { helpers: [HELPER, { ...HELPER, rights: undefined }] }, {}, { 'helper-rights': undefined }],
    ['a helper by tag beside one by digest', { helpers: [HELPER, { ...HELPER, image: 'toolbox:1' }] }, {}, { 'helper-image': 'name' }],
    ['a digest that is none', { helpers: [{ ...HELPER, image: `toolbox@${DIGEST}x` }] }, {}, { 'helper-image': 'name' }],
    [
      'a helper that was added in vain',
      { approach: 'none', helpers: [HELPER] },
      {},
      { approach: undefined, answers: undefined, added: 'ephemeral-container', processes: 'joined' }
    ],
    ['no shell', { approach: 'none' }, {}, { approach: undefined, processes: undefined, added: 'nothing' }],
    [
      'a sidecar',
      { approach: 'sidecar-container', helpers: [{ ...HELPER, by: 'owner', as: 'container', policy: undefined }] },
      {},
      { added: 'nothing', processes: 'shared', policy: 'not-needed' }
    ],
    [
      'a volume',
      { approach: 'sidecar-container', helpers: [{ ...HELPER, by: 'owner', as: 'volume', policy: undefined }] },
      {},
      { added: 'nothing', processes: 'apart' }
    ],
    ['a pod of ours', { approach: 'twin-pod', helpers: [{ ...HELPER, as: 'pod', policy: undefined }] }, {}, { added: 'pod', processes: 'apart' }],
    [
      'a run of an earlier version',
      { helpers: undefined },
      { access: { mode: 'per-run', made: MADE, removed: MADE, rules: ACCESS.rules }, transcript: undefined },
      { added: undefined, policy: undefined, processes: undefined, 'helper-rights': undefined, token: undefined, held: undefined, transcript: undefined }
    ],
    ['an isolation that is not known', {}, { isolation: { kind: 'unknown', says: '' } }, { isolation: undefined }],
    ['an auditor by digest', {}, { auditor: { product: 'p', version: '1', source: 'cinc' } }, { auditor: 'verified' }],
    ['an auditor from elsewhere', {}, { auditor: { product: 'p', version: '1', source: 'other' } }, { auditor: undefined }],
    ['something left over', {}, { leftovers: ['role x'] }, { leftovers: 'some' }],
    ['the namespace default', { namespace: 'default' }, {}, { namespace: 'default' }],
    ["one of Kubernetes' own", { namespace: 'kube-system' }, {}, { namespace: 'system' }],
    ['no namespace', { namespace: '' }, {}, { namespace: undefined }],
    ['an image by name', { imageId: 'nginx:1' }, {}, { image: 'name' }]
  ])('with %s', (_what, target, more, expected) => {
    const facts = observed({ ...OWN, ...target }, more)
    for (const [name, value] of Object.entries(expected)) expect([name, facts[name as keyof typeof facts]]).toEqual([name, value])
  })
})

const rowsOf = (target: TargetRecord, more: Partial<RunRecord> = {}): ReadonlyMap<string, AssessedRow> =>
  new Map(complianceOf(run([target], more)).ways[0]?.assessed.map((row) => [row.id, row]))
const statuses = (ids: readonly string[], target: TargetRecord, more: Partial<RunRecord> = {}): (string | undefined)[] => {
  const rows = rowsOf(target, more)
  return ids.map((id) => rows.get(id)?.status)
}

describe('the statuses of a run', () => {
  test.each<[string, string, TargetRecord, Partial<RunRecord>, string, string]>([
    ['4.3.2', 'rights that were left', OWN, withAccess({ removed: [] }), 'met', 'conflict'],
    ['SRG-APP-000024-CTR-000060', 'rights that were left', OWN, withAccess({ removed: [] }), 'met', 'conflict'],
    ['T1550.001', 'a token of two hours', OWN, withAccess({ tokenSeconds: 7200 }), 'met', 'at-risk'],
    ['5.1.2', 'a right to Secrets', OWN, withAccess({ excess: ['list secrets in web'] }), 'met', 'conflict'],
    ['5.1.2', 'questions that nobody asked', OWN, withAccess({ excess: undefined }), 'met', 'not-assessed'],
    ['4.3.1', 'an installed account', OWN, withAccess({ mode: 'service-account' }), 'met', 'at-risk'],
    ['T1528', 'an auditor that was not isolated', OWN, { isolation: { kind: 'none', says: '' } }, 'met', 'at-risk'],
    ['T1528', 'an isolation that is not known', OWN, { isolation: { kind: 'unknown', says: '' } }, 'met', 'not-assessed'],
    ['V-242415', 'a transcript of what was printed', OWN, { transcript: 'full' }, 'met', 'at-risk']
  ])('%s changes with %s', (id, _what, target, more, before, after) => {
    expect([statuses([id], target), statuses([id], target, more)]).toEqual([[before], [after]])
  })

  test.each<[string, Partial<HelperRecord>, readonly string[]]>([
    ['as it should be', {}, ['at-risk', 'met', 'met', 'at-risk']],
    ['that is privileged', { rights: 'privileged' }, ['conflict', 'conflict', 'conflict', 'at-risk']],
    ['that was not read', { rights: undefined }, ['at-risk', 'not-assessed', 'not-assessed', 'at-risk']],
    ['that is root', { rights: 'root' }, ['at-risk', 'met', 'at-risk', 'at-risk']],
    ['that nobody asked to bound', { policy: 'not-asked' }, ['at-risk', 'at-risk', 'met', 'at-risk']]
  ])('4.4.3, T1611, 5.2.7 and T1610 with a helper %s', (_what, more, expected) => {
    expect(statuses(['4.4.3', 'T1611', '5.2.7', 'T1610'], { ...DEBUG, helpers: [{ ...HELPER, ...more }] })).toEqual(expected)
  })

  test('a sidecar that shares its processes is in conflict, a volume is not', () => {
    const lent = (as: HelperRecord['as']): TargetRecord =>
      targetRecord('web/api/nginx', {
        approach: 'sidecar-container',
        tamperResistance: 'lent-shell',
        helpers: [{ by: 'owner', as, image: `t@${DIGEST}`, rights: 'restricted' }]
      })
    const ids = ['SRG-APP-000431-CTR-001065', 'SRG-APP-000233-CTR-000585', '4.4.5']
    expect([statuses(ids, lent('container')), statuses(ids, lent('volume'))]).toEqual([
      ['conflict', 'conflict', 'met'],
      ['met', 'met', 'met']
    ])
  })

  test("of an earlier version's run nothing is met that it did not tell", () => {
    const old = run([{ ...OWN, helpers: undefined }], { access: { mode: 'per-run', made: [], removed: [], rules: [] }, transcript: undefined })
    const met = complianceOf(old).ways.flatMap(({ assessed }) => assessed.filter(({ status }) => status === 'met').map(({ id }) => id))
    expect(met).toEqual(statusesOnlyOf(['approach', 'access', 'leftovers', 'namespace']))
  })

  test('containers that were scanned alike are told together', () => {
    const other = { ...OWN, name: 'web/api/second' }
    const { ways } = complianceOf(run([OWN, DEBUG, other]))
    expect(ways.map(({ targets }) => targets)).toEqual([['web/api/nginx', 'web/api/second'], ['web/bare/main']])
    expect(complianceOf(run([])).ways).toEqual([])
  })

  test('are in run.json as they were, and are read back', () => {
    const all = [judged(OWN.name, many(1, 'passed'))]
    const done = run([OWN])
    const told = { ...done, compliance: complianceOf(done) }
    const text = runJson(judgeBy(all, []), told)
    expect(parseRun(text).record).toEqual(told)
    const { compliance: _, ...before } = JSON.parse(text) as Record<string, unknown>
    expect(parseRun(JSON.stringify(before)).record.compliance).toBeUndefined()
  })
})

/** Ids of what those facts alone can meet. */
const statusesOnlyOf = (names: readonly string[]): string[] =>
  complianceOf(run([OWN])).ways.flatMap(({ assessed }) =>
    assessed.filter(({ id }) => ONLY.get(id)?.every((name) => names.includes(name)) === true).map(({ id }) => id)
  )

/** What a row that a run of any version may meet rests on. */
const ONLY: ReadonlyMap<string, readonly string[]> = new Map([
  ['4.1.2', ['approach', 'leftovers']],
  ['5.1.5', ['access']],
  ['5.2.3', ['approach']],
  ['5.6.1', ['namespace']],
  ['5.6.4', ['namespace']],
  ['SRG-APP-000142-CTR-000325', ['approach']],
  ['SRG-APP-000148-CTR-000350', ['access']],
  ['SRG-APP-000190-CTR-000500', ['leftovers']],
  ['V-242381', ['access']],
  ['V-242383', ['namespace']],
  ['V-242396', ['approach']],
  ['V-242417', ['namespace']]
])
