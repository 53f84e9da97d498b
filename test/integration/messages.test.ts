import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { type Ran, startCommandLine } from '../support/command-line.ts'
import { base64, kubeconfigText } from '../support/kubeconfig.ts'
import { type Shop, startShop } from '../support/shop.ts'
import { LENIENT, stubAuditor } from '../support/stub-auditor.ts'

// the real bundle is started for each line
jest.setTimeout(120_000)

let shop: Shop
beforeAll(async () => {
  shop = await startShop()
  const { server, folder } = shop
  server.addPod({ namespace: 'shop', name: 'done', phase: 'Succeeded', containers: [{ name: 'main', image: 'registry.test/job:1', terminated: 'Completed' }] })
  server.addPod({ namespace: 'shop', name: 'pending', phase: 'Pending', containers: [{ name: 'app', waiting: 'ErrImageNeverPull' }] })
  server.addPod({ namespace: 'shop', name: 'bare', place: { missing: ['/bin/sh', 'sh'] } })
  server.addPod({
    namespace: 'shop',
    name: 'api-6d5f-x',
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'api-6d5f', uid: 'u', controller: true }]
  })
  server.addWorkload({ plural: 'deployments', namespace: 'shop', name: 'web', selects: { app: 'web' } })
  server.objects.put('serviceaccounts', { namespace: 'shop', name: 'nobody' })
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(join(folder.path, name, '..'), { recursive: true })
    writeFileSync(join(folder.path, name), text)
  }
})
afterAll(() => shop.close())

const FILES: Readonly<Record<string, string>> = {
  'synt/inspec.yml': 'name: synt\nversion: 1.0.0\n',
  'synt/controls/first.rb': "control 'a' do\n  describe file('/x') do\n    it { should exist\n",
  'inputs.yml': 'min_dyas: 1\n'
}
const first = (): string[] => ['--profile', resolve('test/fixtures/profiles/first')]

const kscan = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  startCommandLine(args, { folder: shop.folder.path, env: { KUBECONFIG: shop.kubeconfig, ...env } }).ended
/** A scan in the namespace shop that starts no real auditor. */
const scan = (...args: string[]): string[] => ['scan', '--namespace', 'shop', '--auditor', stubAuditor(shop.folder), ...LENIENT, ...args]

/** The lines that say what went wrong. */
const errors = ({ stderr }: Ran): string[] => stderr.split('\n').flatMap((line) => /^error: (.*)$/.exec(line)?.slice(1) ?? [])

const DOCTOR = 'This prints what is missing, as YAML that gives it: kscan doctor'

describe('what a person is told', () => {
  test.each<[string, () => string[], number, string[]]>([
    [
      'of a pod that is not there',
      () => scan('--pod', 'wbe'),
      4,
      ['There is no pod wbe in the namespace shop', '  Did you mean web? See: kubectl get pods -n shop']
    ],
    [
      'of a pod that is called as its deployment',
      () => scan('--pod', 'api'),
      4,
      ['There is no pod api in the namespace shop', '  Did you mean workload: deployment/api? See: kubectl get pods -n shop']
    ],
    [
      'of a workload that is not there',
      () => scan('--workload', 'deploy/webb'),
      4,
      ['There is no deployment/webb in the namespace shop', '  Did you mean deployment/web? See: kubectl get deployments -n shop']
    ],
    [
      'of a pod that has ended',
      () => scan('--pod', 'done'),
      4,
      [
        'The pod shop/done cannot be scanned: it has ended (Succeeded), and what has ended cannot be scanned',
        '  Its image can be scanned in a pod of ours: --target-image registry.test/job:1 --approach twin-pod --allow scan-pod --helper-image TOOLBOX'
      ]
    ],
    [
      'of a pod that waits',
      () => scan('--pod', 'pending'),
      4,
      [
        'The pod shop/pending cannot be scanned: it is not running: the container app is waiting (ErrImageNeverPull)',
        '  See: kubectl describe pod pending -n shop; then scan again.'
      ]
    ],
    [
      'of a service account that is not there',
      () => scan('--pod', 'web', '--access', 'service-account', '--service-account', 'ghost'),
      4,
      ['There is no service account ghost in the namespace shop', '  See: kubectl get serviceaccounts -n shop']
    ],
    [
      'of a service account without rights',
      () => scan('--pod', 'web', '--access', 'service-account', '--service-account', 'nobody'),
      4,
      [
        'The service account shop/nobody may not get pods web in shop; get,create pods/exec web in shop',
        `  ${DOCTOR} --namespace shop --pod web --access service-account --service-account nobody`
      ]
    ],
    [
      'of an auditor that is not there',
      () => ['scan', '--namespace', 'shop', '--pod', 'web', '--auditor', '/opt/nosuch/bin/inspec'],
      4,
      ['No usable auditor: /opt/nosuch/bin/inspec: it does not exist', expect.stringContaining('  Install CINC Auditor') as unknown as string]
    ],
    [
      'of reports that cannot be made',
      () => scan('--pod', 'web', '--reports-path', '/proc/nope/x'),
      2,
      [
        'An input is not usable',
        '  reports-path: expected a folder that can be written; got /proc/nope/x: it is not there and cannot be made: it does not exist (ENOENT)'
      ]
    ],
    [
      'of a profile that is named twice',
      () => scan('--pod', 'web', '--profile', 'synt', '--profile', './synt'),
      2,
      ['An input is not usable', '  profile: expected each profile once; got the same one as synt and ./synt']
    ],
    [
      'of a control that no profile has',
      () => scan('--pod', 'web', ...first(), '--controls', 'acounts-1'),
      2,
      ['An input is not usable', '  controls: expected ids of the profiles; got "acounts-1". Did you mean accounts-1?']
    ],
    [
      'of what only a job has',
      () => scan('--pod', 'web', '--upload', 'always', '--artifact-name', 'x', '--summary', 'true'),
      2,
      [
        '3 inputs are not usable',
        '  upload: expected no such flag outside of a job of GitHub or GitLab; got --upload. The reports are in reports-path.',
        '  artifact-name: expected no such flag outside of a job of GitHub or GitLab; got --artifact-name. The reports are in reports-path.',
        '  summary: expected no such flag outside of a job of GitHub or GitLab; got --summary. The same text is the report markdown: --reports markdown.'
      ]
    ],
    [
      'of an address as a browser has it',
      () => scan('--pod', 'web', '--profile', 'https://github.com/mitre/some-baseline'),
      2,
      [
        'An input is not usable',
        '  profile: expected a path, FILE#sha256=DIGEST, https://…#sha256=DIGEST, git+https://HOST/PATH@COMMIT or catalog/NAME; got "https://github.com/mitre/some-baseline". Did you mean git+https://github.com/mitre/some-baseline@COMMIT? COMMIT is all 40 characters, as git ls-remote prints them.'
      ]
    ]
  ])('%s', async (_what, args, code, lines) => {
    const ran = await kscan(args())
    expect([ran.code, errors(ran)]).toEqual([code, lines])
  })

  test('of a kubeconfig that is not there', async () => {
    const ran = await kscan(['scan', '--pod', 'web'], { KUBECONFIG: '/nope' })
    expect([ran.code, errors(ran)]).toEqual([
      2,
      [
        'An input is not usable',
        "  kubeconfig: expected a kubeconfig; got none at /nope, which the variable KUBECONFIG names. Name the file with kubeconfig or KUBECONFIG; your cloud's command line makes one. A scan can make its own cluster: cluster: kind, with target-image or manifests."
      ]
    ])
  })

  test('of credentials that are not accepted', async () => {
    const { server, folder } = shop
    const ran = await kscan(['scan', '--pod', 'web'], { KUBECONFIG: folder.file('wrong', server.kubeconfig('wrong')) })
    expect([ran.code, errors(ran)]).toEqual([
      4,
      [
        `The API server ${new URL(server.url).host} does not accept the credentials of the context stand-in (401): they are wrong, or have expired`,
        '  Sign in again; then see who you are to it: kubectl --context stand-in auth whoami'
      ]
    ])
  })

  test('of a server that nobody here vouches for', async () => {
    const { server, folder } = shop
    const KUBECONFIG = folder.file('without-ca', kubeconfigText({ one: { cluster: { server: server.url }, user: { token: server.adminToken } } }))
    const ran = await kscan(['scan', '--pod', 'web'], { KUBECONFIG })
    expect([ran.code, errors(ran)]).toEqual([
      4,
      [
        `The certificate of ${new URL(server.url).host} is not signed by an authority that is trusted here (self-signed certificate in certificate chain)`,
        "  Give the cluster's own as certificate-authority in the kubeconfig; that of a proxy which opens TLS as ca-file, where the kubeconfig names none."
      ]
    ])
  })

  test.each([
    [['--pod', 'web'], /^GET \/api\/v1\/namespaces\/shop\/pods\/web: 403 /, '--pod web'],
    [['--pod', 'web', '--access', 'self'], /^GET \/api\/v1\/namespaces\/shop\/pods\/web: 403 /, '--pod web --access self']
  ])('of rights that the caller lacks: %j', async (args, said, repeated) => {
    const { server, folder } = shop
    const { cert, key } = server.clientCertificate('/O=team/CN=poor')
    const user = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) }
    const KUBECONFIG = folder.file('poor', kubeconfigText({ one: { cluster: { server: server.url, 'certificate-authority-data': base64(server.ca) }, user } }))
    const ran = await kscan(scan(...args), { KUBECONFIG })
    expect([ran.code, errors(ran)]).toEqual([4, [expect.stringMatching(said), `  ${DOCTOR} --namespace shop ${repeated}`]])
    expect([ran.stderr.includes('could not be removed'), server.objects.made()]).toEqual([false, []])
  })

  test('of an image without a shell, for each approach, and what to give', async () => {
    const ran = await kscan(scan('--pod', 'bare'))
    expect([ran.code, errors(ran).at(-1)]).toEqual([
      4,
      '  Allow a helper in its pod, or a pod of its image: allow: ephemeral-container,scan-pod, with the toolbox as helper-image (docs/approaches.md says how to get it)'
    ])
    const own = await kscan(scan('--pod', 'bare', '--approach', 'kubernetes-api'))
    expect([own.code, errors(own).at(-1)]).toEqual([4, expect.stringContaining('approach: auto lends them, with allow: ephemeral-container or scan-pod')])
  })

  test('of an input that no profile has', async () => {
    const profile = join(shop.folder.path, 'with-input')
    mkdirSync(join(profile, 'controls'), { recursive: true })
    writeFileSync(join(profile, 'inspec.yml'), 'name: with-input\ninputs:\n  - name: min_days\n    value: 7\n')
    writeFileSync(join(profile, 'controls', 'a.rb'), "control 'a' do\n  describe(input('min_days')) { it { should cmp 7 } }\nend\n")
    const ran = await kscan(scan('--pod', 'web', '--profile', profile, '--profile-inputs-file', 'inputs.yml'))
    expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining('warning: inputs.yml: no profile has an input min_dyas (did you mean min_days?)\n')])
  })

  test.each([
    ['--pod', 'web'],
    ['--selector', 'app=web'],
    ['--workload', 'deployment/web']
  ])('of a namespace that is not there: %s', async (...target) => {
    const ran = await kscan(['scan', '--namespace', 'shopp', ...target])
    expect([ran.code, errors(ran)]).toEqual([4, ['The cluster has no namespace shopp', '  Did you mean shop?']])
  })

  test.each([
    [['--allow', 'ephemeral-container'], true],
    [['--approach', 'debug-container', '--allow', 'ephemeral-container'], true],
    [['--allow', 'unpoliced-ephemeral-container'], false],
    [['--allow', 'scan-pod'], false]
  ])('by doctor, of the policy that a helper needs: %j', async (more, told) => {
    const ran = await kscan(['doctor', '--namespace', 'shop', '--pod', 'web', '--helper-image', 'toolbox:1', ...more])
    expect(ran.stderr.includes('needs an admission policy that refuses worse ones')).toBe(told)
  })

  test('of source that Ruby cannot parse, by a real auditor', async () => {
    const before = shop.server.requests.length
    const ran = await kscan(['scan', '--namespace', 'shop', '--pod', 'web', '--profile', 'synt', '--auditor', 'gems'])
    expect([ran.code, errors(ran)[0]]).toEqual([3, expect.stringMatching(/^The profile synt did not load: syntax error in controls\/first\.rb:3: unexpected /)])
    const asked = shop.server.requests.slice(before).filter(({ method, path }) => method !== 'GET' && !path.includes('accessreviews'))
    expect(asked).toEqual([]) // it is known before any right exists
  })
})
