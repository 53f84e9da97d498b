import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { Folder, kubeconfigText } from '../support/kubeconfig.ts'
import { LENIENT, stubAuditor } from '../support/stub-auditor.ts'
import { applied, type Caller, clusterOf, kubeconfigFile, makeCaller } from './caller.ts'
import { kscan, type Ran } from './cli.ts'
import { KUBECONFIG, kubectl, leftBehind, NAMESPACE } from './cluster.ts'

const { server, ca } = clusterOf(KUBECONFIG)
const folder = new Folder()
afterAll(() => folder.remove())

const POD = ['--pod', 'debian']
const CALLER = 'doctor-caller'
const ACCOUNT = 'doctor-scanner'
const AS_ACCOUNT = [...POD, '--access', 'service-account', '--service-account', ACCOUNT]

let caller: Caller
/** What the tests gave, to be taken away again. */
let given: string[]
beforeEach(async () => {
  given = []
  caller = await makeCaller(CALLER)
})
afterEach(async () => {
  for (const yaml of given.toReversed()) await applied('delete', yaml)
  await caller.remove()
  expect(await leftBehind()).toEqual([])
})

const give = async (yaml: string): Promise<void> => {
  await applied('apply', yaml)
  given.push(yaml)
}

const RBAC = 'rbac.authorization.k8s.io'
const metadata = { name: 'kscan-e2e-doctor', namespace: NAMESPACE }
type Rules = readonly {
  readonly apiGroups?: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly resourceNames?: readonly string[]
}[]

const bound = (roleRef: { kind: string; name: string }): object => ({
  apiVersion: `${RBAC}/v1`,
  kind: 'RoleBinding',
  metadata,
  roleRef: { apiGroup: RBAC, ...roleRef },
  subjects: [{ kind: 'ServiceAccount', name: CALLER, namespace: NAMESPACE }]
})
const clusterRole = (name: string): string => stringify(bound({ kind: 'ClusterRole', name }))
const ownRole = (rules: Rules): string => {
  const role = { apiVersion: `${RBAC}/v1`, kind: 'Role', metadata, rules: rules.map((rule) => ({ apiGroups: [''], ...rule })) }
  return [role, bound({ kind: 'Role', name: metadata.name })].map((object) => stringify(object)).join('---\n')
}

/** A kubeconfig of the caller's, who may ask as somebody else. */
const kubeconfig = (as?: string): string => {
  const cluster = { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') }
  return kubeconfigFile(
    kubeconfigText({ real: { cluster, user: { token: caller.token, ...(as === undefined ? {} : { as }) }, context: { namespace: NAMESPACE } } })
  )
}

const auditor = (): string[] => ['--auditor', stubAuditor(folder)]
const doctor = (config: string, asked: readonly string[]): Promise<Ran> => kscan(['doctor', '--kubeconfig', config, ...asked, ...auditor()])
const scan = (config: string, asked: readonly string[]): Promise<Ran> => kscan(['scan', '--kubeconfig', config, ...asked, ...auditor(), ...LENIENT])

/** Applies what doctor prints as it is, and scans. */
const heal = async (config: string, asked: readonly string[]): Promise<{ first: Ran; after: Ran; scanned: Ran }> => {
  const first = await doctor(config, asked)
  await give(first.stdout)
  return { first, after: await doctor(config, asked), scanned: await scan(config, asked) }
}

const MAKES: Rules = [
  { resources: ['serviceaccounts'], verbs: ['create', 'get', 'delete'] },
  { resources: ['serviceaccounts/token'], verbs: ['create'] }
]
const ROLES = { apiGroups: [RBAC], resources: ['roles', 'rolebindings'], verbs: ['create', 'get', 'delete'] }

describe('what doctor prints, applied as it is, makes the scan work', () => {
  test.each<[string, () => string, string[], RegExp]>([
    ['view', () => clusterRole('view'), POD, /✗ the caller may not: create serviceaccounts in .*get pods\/exec debian in /],
    ['edit', () => clusterRole('edit'), POD, /✗ the caller may not: create roles in [^;]*; get roles in [^;]*; delete roles in [^;]*; create rolebindings/],
    [
      'exec alone, with access: self',
      () => ownRole([{ resources: ['pods/exec'], verbs: ['create'] }]),
      [...POD, '--access', 'self'],
      /✗ the caller may not: get pods debian in [^;]*; get pods\/exec debian in [^;]*\n/
    ],
    ['no right, for a workload', () => ownRole([]), ['--workload', 'deploy/pair', '--container', 'main'], /get deployments pair in .*list pods in /],
    [
      'no right, with a service account that is not there',
      () => ownRole([{ resources: ['serviceaccounts'], verbs: ['get'] }]),
      AS_ACCOUNT,
      /✗ there is no service account .*\/doctor-scanner\n/
    ],
    ['no right, not even to ask for the account', () => ownRole([]), AS_ACCOUNT, /- whether the service account .* may scan, the caller may not ask/]
  ])('for a caller with %s', async (_what, rights, asked, said) => {
    await give(rights())
    if (/not even/.test(_what)) await give(stringify({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: ACCOUNT, namespace: NAMESPACE } }))
    const { first, after, scanned } = await heal(kubeconfig(), asked)
    expect([first.code, first.stderr]).toEqual([4, expect.stringMatching(said)])
    expect([after.code, after.stderr]).toEqual([0, expect.stringContaining('✓ the caller may do all that')])
    expect([scanned.code, scanned.stderr]).toEqual([0, expect.stringContaining('✓ Revoke access')])
  })

  test('for an account that the administrator of the namespace may ask for', async () => {
    await give(clusterRole('admin'))
    await give(stringify({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: ACCOUNT, namespace: NAMESPACE } }))
    const { first, after, scanned } = await heal(kubeconfig(), AS_ACCOUNT)
    expect([first.code, first.stderr]).toEqual([
      4,
      expect.stringMatching(/✓ the caller may do all that[^]*✗ the service account .*\/doctor-scanner may not: get pods debian in /)
    ])
    expect([after.code, after.stdout, after.stderr]).toEqual([
      0,
      '',
      expect.stringContaining(`✓ the service account ${NAMESPACE}/${ACCOUNT} may do all that a scan needs`)
    ])
    expect(scanned.code).toBe(0)
  })

  test('for the one whom a kubeconfig asks as', async () => {
    const impersonate = [
      {
        apiVersion: `${RBAC}/v1`,
        kind: 'ClusterRole',
        metadata: { name: `${NAMESPACE}-ann` },
        rules: [{ apiGroups: [''], resources: ['users'], verbs: ['impersonate'], resourceNames: ['ann'] }]
      },
      {
        apiVersion: `${RBAC}/v1`,
        kind: 'ClusterRoleBinding',
        metadata: { name: `${NAMESPACE}-ann` },
        roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: `${NAMESPACE}-ann` },
        subjects: [{ kind: 'ServiceAccount', name: CALLER, namespace: NAMESPACE }]
      }
    ]
    await give(impersonate.map((object) => stringify(object)).join('---\n'))
    const { first, after, scanned } = await heal(kubeconfig('ann'), POD)
    expect([first.code, first.stderr, first.stdout]).toEqual([4, expect.stringContaining(', as ann)'), expect.stringContaining('kind: User\n    name: ann')])
    expect([after.code, after.stdout, scanned.code]).toEqual([0, '', 0])
  })
})

describe('nothing is missing, and the scan works', () => {
  test.each<[string, () => string]>([
    ['the administrator of the namespace', () => clusterRole('admin')],
    [
      'rights to this pod by its name',
      () =>
        ownRole([
          ...MAKES,
          ROLES,
          { resources: ['pods'], verbs: ['get'], resourceNames: ['debian'] },
          { resources: ['pods/exec'], verbs: ['get', 'create'], resourceNames: ['debian'] }
        ])
    ],
    [
      'the right to give what one has not (escalate and bind)',
      () => ownRole([...MAKES, { ...ROLES, verbs: [...ROLES.verbs, 'escalate', 'bind'] }, { resources: ['pods'], verbs: ['get'] }])
    ]
  ])('for %s', async (_what, rights) => {
    await give(rights())
    const config = kubeconfig()
    const said = await doctor(config, POD)
    expect([said.code, said.stdout, said.stderr]).toEqual([0, '', expect.stringContaining('✓ the caller may do all that per-run access needs')])
    const scanned = await scan(config, POD)
    expect([scanned.code, scanned.stderr]).toEqual([0, expect.stringContaining('✓ Revoke access')])
  })
})

test('escalate alone does not bind: the rights are missing', async () => {
  await give(ownRole([...MAKES, { ...ROLES, verbs: [...ROLES.verbs, 'escalate'] }, { resources: ['pods'], verbs: ['get'] }]))
  const { first, scanned } = await heal(kubeconfig(), POD)
  expect([first.code, first.stderr]).toEqual([
    4,
    expect.stringMatching(/✗ the caller may not: get pods\/exec debian in [^;]*; create pods\/exec debian in [^;]*\n/)
  ])
  expect(scanned.code).toBe(0)
})

test('plan says what the caller may not do, a scan names the command that tells, and --yaml has all', async () => {
  await give(clusterRole('view'))
  const config = kubeconfig()
  const planned = await kscan(['plan', '--kubeconfig', config, ...POD])
  expect([planned.code, planned.stdout]).toEqual([
    0,
    expect.stringMatching(/^The caller may not: create serviceaccounts in .*; kscan doctor with the same flags/m)
  ])
  const scanned = await scan(config, POD)
  expect([scanned.code, scanned.stderr]).toEqual([4, expect.stringContaining(`kscan doctor --kubeconfig ${config} --pod debian`)])
  const some = await doctor(config, POD)
  const all = await doctor(config, [...POD, '--yaml'])
  expect([
    some.stdout.includes('- list'),
    /resources:\n {6}- pods\n {4}verbs:\n {6}- get/.test(some.stdout),
    /resources:\n {6}- pods\n {4}verbs:\n {6}- get/.test(all.stdout)
  ]).toEqual([false, false, true])
  expect(await kubectl('get', 'roles', '-n', NAMESPACE, '-o', 'name')).not.toContain('kscan-caller-')
})
