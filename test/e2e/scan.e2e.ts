import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from '@jest/globals'
import { TargetTranscript } from '../../src/report/transcript.ts'
import { hdfOf, kscan } from './cli.ts'
import { kubectl, leftBehind, NAMESPACE, removePod, strayProcesses, untilReady } from './cluster.ts'
import { Folder } from '../support/kubeconfig.ts'
import { LENIENT, stubAuditor } from '../support/stub-auditor.ts'

const fixture = (path: string): string => resolve('test/fixtures', path)
const resources = ['--namespace', NAMESPACE, '--profile', fixture('profiles/resources')]
const first = ['--namespace', NAMESPACE, '--profile', resolve('test/fixtures/profiles/first'), ...LENIENT]

afterEach(async () => {
  expect(await leftBehind()).toEqual([])
})

describe.each(['debian', 'busybox', 'nginx'])('the pod %s with the profile of each resource', (pod) => {
  const args = [...resources, '--pod', pod, '--waivers-file', fixture(`waivers/${pod}.yaml`)]

  test('passes a threshold that it meets, and does not pass one that it violates', async () => {
    const ran = await kscan(['scan', ...args, '--threshold-file', fixture('thresholds/met.yaml')])
    expect([ran.code, ran.stdout.trim().split('\n').at(-1)]).toEqual([0, expect.stringMatching(/^PASSED: compliance \d\d\.\d\d %/)])
    expect(await strayProcesses(pod)).toEqual([])
    const file = join(ran.folder, 'kscan-reports', 'hdf', `${NAMESPACE}_${pod}_main.json`)
    const judged = await kscan(['judge', '--threshold-file', fixture('thresholds/violated.yaml'), file])
    expect([judged.code, judged.stdout]).toEqual([1, expect.stringContaining('violated: ')])
  })

  test('is unjudged without waivers for what the image lacks', async () => {
    const ran = await kscan(['scan', ...resources, '--pod', pod, '--threshold-file', fixture('thresholds/met.yaml')])
    expect([ran.code, ran.stdout]).toEqual([3, expect.stringMatching(/UNJUDGED: \d+ controls rest on what could not be seen/)])
  })
})

test('a threshold that is violated ends a scan with exit 1, and which', async () => {
  const ran = await kscan([
    'scan',
    ...resources,
    '--pod',
    'debian',
    '--waivers-file',
    fixture('waivers/debian.yaml'),
    '--threshold-file',
    fixture('thresholds/violated.yaml')
  ])
  expect(ran.code).toBe(1)
  expect(ran.stdout).toMatch(/violated bounds:\n {2}\S+ of kscan-e2e-/)
})

test('the planted finding is reported, in every report', async () => {
  const ran = await kscan(['scan', ...resources, '--pod', 'debian', '--waivers-file', fixture('waivers/debian.yaml'), '--controls', 'app-conf-mode'])
  expect(ran.code).toBe(1)
  const report = hdfOf(ran).get(`${NAMESPACE}_debian_main.json`)
  const control = report?.profiles[0]?.controls.find(({ id }) => id === 'app-conf-mode')
  expect(control?.results?.map(({ status }) => status)).toContain('failed')
  for (const file of ['junit.xml', 'summary.md', 'run.json'])
    expect(readFileSync(join(ran.folder, 'kscan-reports', file), 'utf8')).toContain(file === 'run.json' ? '"not-compliant"' : 'app-conf-mode')
})

test('a transcript holds what was asked and answered for a control, and goes with the next run', async () => {
  const args = ['scan', ...resources, '--pod', 'debian', '--waivers-file', fixture('waivers/debian.yaml'), '--controls', 'app-conf-mode']
  const full = await kscan([...args, '--transcript', 'full'])
  const reports = join(full.folder, 'kscan-reports')
  const file = join(reports, 'transcript', `${NAMESPACE}_debian_main.json`)
  const { kept, questions } = TargetTranscript.parse(JSON.parse(readFileSync(file, 'utf8')))
  const asked = questions.find(({ asked: { kind, text } }) => kind === 'facts' && text === '/etc/app.conf')
  expect([full.code, statSync(file).mode & 0o777, kept, asked?.controls]).toEqual([1, 0o600, 'full', ['app-conf-mode']])
  expect(asked?.answer?.stdout.output?.text).toMatch(/root:kscan\/root:/)
  expect(readFileSync(join(reports, 'report.html'), 'utf8')).toContain('<code>stat /etc/app.conf</code>')
  const hashes = await kscan([...args, '--transcript', 'hashes'], { folder: full.folder })
  const text = readFileSync(file, 'utf8')
  expect([hashes.code, TargetTranscript.parse(JSON.parse(text)).kept, text]).toEqual([1, 'hashes', expect.not.stringContaining('root:root')])
  const off = await kscan(args, { folder: full.folder })
  expect([off.code, readdirSync(join(reports, 'transcript'))]).toEqual([1, []])
  expect(readFileSync(join(reports, 'report.html'), 'utf8')).not.toContain('Evidence')
})

describe('targets', () => {
  /** Which they are is the same whatever the auditor asks of them. */
  const stubs = new Folder()
  const anyAudit = ['--namespace', NAMESPACE, '--profile', resolve('test/fixtures/profiles/first'), '--auditor', stubAuditor(stubs), ...LENIENT]
  afterAll(() => stubs.remove())

  test('of a workload are all containers of its pods', async () => {
    const ran = await kscan(['scan', ...first, '--workload', 'deployment/pair'])
    expect([ran.code, hdfOf(ran).size]).toEqual([0, 4])
  })

  test('of a workload are not those that only have its labels', async () => {
    await kubectl(
      'run',
      'impostor',
      '-n',
      NAMESPACE,
      '--image=test.local/busybox:1',
      '--image-pull-policy=Never',
      '--labels=app=pair',
      '--command',
      '--',
      'sleep',
      '10000'
    )
    try {
      await untilReady('impostor')
      const ran = await kscan(['scan', ...anyAudit, '--workload', 'deployment/pair'])
      expect([ran.code, hdfOf(ran).size]).toEqual([0, 4])
      expect(ran.stderr).toContain('not scanned: impostor: it has the labels of deployment/pair, and was not made by it')
    } finally {
      await removePod('impostor')
    }
  })

  test('of a selector, without the excluded containers', async () => {
    const ran = await kscan(['scan', ...anyAudit, '--selector', 'app=pair', '--exclude-containers', 'proxy'])
    expect([ran.code, hdfOf(ran).size]).toEqual([0, 2])
  })

  test('that are more than allowed, or none, are an error', async () => {
    const many = await kscan(['scan', ...anyAudit, '--selector', 'app=pair', '--max-targets', '3'])
    const none = await kscan(['scan', ...anyAudit, '--selector', 'app=nothing'])
    expect([many.code, many.stderr]).toEqual([4, expect.stringContaining('4 containers were found, max-targets allows 3')])
    expect([none.code, none.stderr]).toEqual([4, expect.stringContaining('No container to scan was found')])
  })
})

describe('access', () => {
  test('of a service account that is there makes nothing', async () => {
    const role = ['--verb=get', '--resource=pods']
    await kubectl('create', 'serviceaccount', '-n', NAMESPACE, 'installed')
    await kubectl('create', 'role', '-n', NAMESPACE, 'installed-read', ...role)
    await kubectl('create', 'role', '-n', NAMESPACE, 'installed-exec', '--verb=get,create', '--resource=pods/exec')
    for (const name of ['read', 'exec'])
      await kubectl('create', 'rolebinding', '-n', NAMESPACE, `installed-${name}`, `--role=installed-${name}`, `--serviceaccount=${NAMESPACE}:installed`)
    try {
      const ran = await kscan(['scan', ...first, '--pod', 'debian', '--access', 'service-account', '--service-account', 'installed'])
      expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('The scanner could do more than a scan needs: create pods/exec')])
    } finally {
      await kubectl(
        'delete',
        '-n',
        NAMESPACE,
        'serviceaccount/installed',
        'role/installed-read',
        'role/installed-exec',
        'rolebinding/installed-read',
        'rolebinding/installed-exec'
      )
    }
  })

  test('of the caller makes nothing and says that it is wide', async () => {
    const ran = await kscan(['scan', ...first, '--pod', 'debian', '--access', 'self'])
    expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('The scanner could do more than a scan needs')])
  })
})

describe('the other commands', () => {
  test('plan names every object, right and command, and makes nothing', async () => {
    const ran = await kscan(['plan', '--namespace', NAMESPACE, '--pod', 'debian'])
    expect(ran.code).toBe(0)
    for (const part of [
      `POST api/v1/namespaces/${NAMESPACE}/serviceaccounts`,
      'get,create pods/exec [debian]',
      'must be refused',
      '/bin/sh',
      `DELETE apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}/rolebindings/kscan-RUN`
    ])
      expect(ran.stdout).toContain(part)
  })

  test('doctor finds nothing missing for the administrator', async () => {
    const ran = await kscan(['doctor', '--namespace', NAMESPACE, '--pod', 'debian'])
    expect([ran.code, ran.stdout, ran.stderr]).toEqual([0, '', expect.stringContaining('✓ the caller may do all that per-run access needs')])
  })

  test('doctor says that a namespace is not there', async () => {
    const ran = await kscan(['doctor', '--namespace', 'nosuch'])
    expect([ran.code, ran.stdout, ran.stderr]).toEqual([4, '', expect.stringContaining('has no namespace nosuch')])
  })

  test('a scan that cannot begin does not leave the reports of an earlier one as if they were its own', async () => {
    const { folder } = await kscan(['scan', ...first, '--pod', 'debian'])
    const refused = await kscan(['scan', ...first, '--pod', 'debian', '--context', 'nosuch'], { folder })
    expect([refused.code, existsSync(join(folder, 'kscan-reports', 'run.json'))]).toEqual([2, false])
  })

  test('judge reads the HDF of a scan', async () => {
    const ran = await kscan(['scan', ...first, '--pod', 'debian'])
    const file = join(ran.folder, 'kscan-reports', 'hdf', `${NAMESPACE}_debian_main.json`)
    const lenient = await kscan(['judge', '--threshold', 'failed: {total: {max: 100}}', file])
    const strict = await kscan(['judge', '--threshold', 'passed: {total: {min: 100}}', file])
    expect([lenient.code, strict.code, strict.stdout]).toEqual([0, 1, expect.stringContaining('violated: passed.total.min')])
  })

  test('cleanup finds nothing to do after good runs', async () => {
    const ran = await kscan(['cleanup'])
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringMatching(/^nothing to clean up: this machine has no journal of an unfinished run/)])
  })
})

test('a second run installs no auditor: to ready it takes less than the audit of six controls', async () => {
  const ran = await kscan(['scan', ...first, '--pod', 'busybox'])
  const record = JSON.parse(readFileSync(join(ran.folder, 'kscan-reports', 'run.json'), 'utf8')) as { timings: Record<string, number> }
  expect(record.timings['auditor']).toBeLessThan(record.timings['audit'] ?? 0)
})
