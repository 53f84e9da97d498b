import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { accountUser, watchAudit } from './audit-log.ts'
import { CALLER_ROLE, type Caller, makeCaller } from './caller.ts'
import { kscan } from './cli.ts'
import { KUBECONFIG, kubectl, leftBehind, NAMESPACE } from './cluster.ts'
import { IMAGE, makeImage } from './in-cluster.ts'
import { secretsIn } from './secrets.ts'

const POD = 'kscan-inside'

let caller: Caller
beforeAll(async () => {
  // the auditor is installed by whoever scans first
  const ready = await kscan([
    'scan',
    '--namespace',
    NAMESPACE,
    '--pod',
    'debian',
    '--profile',
    resolve('test/fixtures/profiles/first'),
    '--controls',
    'accounts-1'
  ])
  if (ready.code !== 0) throw new Error(ready.stderr)
  makeImage()
  caller = await makeCaller('inside-caller')
  await caller.allow(CALLER_ROLE.replace('kscan-caller', 'kscan-inside'))
  const overrides = {
    spec: {
      serviceAccountName: caller.name,
      terminationGracePeriodSeconds: 0,
      securityContext: { runAsUser: 65532, runAsNonRoot: true, fsGroup: 65532 },
      containers: [
        {
          name: 'main',
          image: IMAGE,
          imagePullPolicy: 'Never',
          command: ['sleep', '1000000'],
          securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          env: [{ name: 'TMPDIR', value: '/scratch' }],
          volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }]
        }
      ],
      volumes: [{ name: 'scratch', emptyDir: {} }]
    }
  }
  await kubectl('run', POD, '-n', NAMESPACE, `--image=${IMAGE}`, '--restart=Never', `--overrides=${JSON.stringify(overrides)}`)
  await kubectl('wait', '-n', NAMESPACE, `pod/${POD}`, '--for=condition=Ready', '--timeout=60s')
})
afterAll(async () => {
  await kubectl('delete', 'pod', '-n', NAMESPACE, POD, '--force', '--grace-period=0')
  await caller.remove()
})

interface Answer {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program in the pod, as its user. */
const inside = (...command: string[]): Promise<Answer> =>
  new Promise((done) => {
    execFile('kubectl', ['--kubeconfig', KUBECONFIG, 'exec', '-n', NAMESPACE, POD, '--', ...command], (error, stdout, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
    )
  })

const kscanInside = (...args: string[]): Promise<Answer> => inside('node', '/opt/kscan/dist/cli.js', ...args, '--context', 'in-cluster')

describe('from a pod, as its service account', () => {
  test('plan and doctor know the cluster and the namespace of the pod', async () => {
    const planned = await kscanInside('plan', '--pod', 'debian')
    expect([planned.stderr, planned.code, planned.stdout]).toEqual([
      expect.any(String),
      0,
      expect.stringMatching(/^Cluster: https:\/\/\S+ \(Kubernetes v1\.\S+, context in-cluster\)/)
    ])
    expect(planned.stdout).toContain(`POST api/v1/namespaces/${NAMESPACE}/serviceaccounts `)
    const doctor = await kscanInside('doctor', '--pod', 'debian')
    expect([doctor.code, doctor.stderr]).toEqual([0, expect.stringContaining(`context in-cluster, namespace ${NAMESPACE}`)])
    expect(doctor.stderr).toContain('✓ the caller may do all that per-run access needs')
  })

  test('a scan makes its own account, uses it, and removes it', async () => {
    const events = watchAudit()
    const ran = await kscanInside('scan', '--pod', 'debian', '--profile', '/opt/first-profile', '--threshold', 'failed: {total: {max: 100}}')
    expect([ran.stderr, ran.code, ran.stdout]).toEqual([expect.any(String), 0, expect.stringMatching(/^PASSED: compliance/m)])
    expect(await leftBehind()).toEqual([])

    const seen = events().filter(({ objectRef }) => objectRef?.namespace === NAMESPACE)
    const of = (user: RegExp, verb: string): string[] =>
      seen
        .filter((event) => user.test(event.user.username) && event.verb === verb)
        .map(({ objectRef }) => [objectRef?.resource, objectRef?.subresource].join('/'))
    const account = new RegExp(`^${accountUser(NAMESPACE, caller.name)}$`)
    expect([of(account, 'create'), of(account, 'delete')]).toEqual([
      ['serviceaccounts/', 'roles/', 'rolebindings/', 'serviceaccounts/token'],
      ['rolebindings/', 'roles/', 'serviceaccounts/']
    ])
    expect([of(account, 'get').includes('pods/exec'), of(/:kscan-[a-z0-9]{10}$/, 'get').includes('pods/exec')]).toEqual([false, true])

    const record = JSON.parse((await inside('cat', '/scratch/kscan-reports/run.json')).stdout) as {
      cluster: { context: string }
      access: { made: string[]; removed: string[] }
    }
    expect([record.cluster.context, record.access.made.length, record.access.removed.toSorted()]).toEqual(['in-cluster', 3, record.access.made.toSorted()])
  })

  test('nothing that was written holds a token, and nothing is left but the reports', async () => {
    const left = await inside('find', '/scratch', '-type', 'f')
    expect(left.stdout.split('\n').filter((path) => path !== '' && !path.startsWith('/scratch/kscan-reports/'))).toEqual([])
    const { stdout } = await inside('sh', '-c', 'find /scratch -type f -exec cat {} +')
    expect([secretsIn(stdout, KUBECONFIG), stdout.includes('"kscan-inside') || stdout.length > 1000]).toEqual([[], true])
  })
})

test('outside of a pod the context in-cluster is refused with the reason', async () => {
  const ran = await kscan(['plan', '--context', 'in-cluster', '--pod', 'debian'])
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('`in-cluster` works inside a pod only.')])
})
