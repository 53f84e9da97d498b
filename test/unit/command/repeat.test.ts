import { execFileSync } from 'node:child_process'
import { describe, expect, test } from '@jest/globals'
import { parseArguments } from '../../../src/command/program.ts'
import { repeatCommand } from '../../../src/command/repeat.ts'
import type { Config } from '../../../src/config/config.ts'
import { INPUTS, inputsOf, variableOf } from '../../../src/config/inputs.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { Raw } from '../../../src/config/raw.ts'
import type { RunRecord, TargetRecord } from '../../../src/report/record.ts'
import type { Repeat } from '../../../src/report/terminal.ts'
import { type Inputs, load, rawOf, type Setting } from '../config/load-support.ts'
import { record, targetRecord } from '../report/sample.ts'
import { makeCertificates } from '../../support/api-server/certificates.ts'

const files = {
  'ca.pem': makeCertificates().ca,
  'i.yml': 'a: 1',
  'w.yml': 'V-1: {justification: x}',
  'a.yml': '',
  'c.yml': '',
  't.yml': 'compliance.min: 1',
  "it's; $(x) `y`.yml": 'a: 1'
}

/** A job that may ask for its token. */
const OF_JOB = { identity: 'github-oidc', server: 'https://kubernetes.test' }
const JOB_ENV = { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://pipelines.test', ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'x' }

interface Setup extends Partial<TargetRecord> {
  readonly id?: string
  readonly env?: Inputs
}

const repeated = (inputs: Inputs, { id = 'V-1', env = JOB_ENV, ...more }: Setup = {}, done: Partial<RunRecord> = {}): Repeat => {
  const given = { profile: './profile', ...inputs }
  const run = { ...record([]), targets: [targetRecord('web/api/nginx', more)], ...done }
  return repeatCommand({ raw: rawOf(given), config: load(given, { files, env }), record: run })({ target: 'web/api/nginx', control: { id } } as never)
}

/** The words of a command as a shell takes them apart, and what kscan reads from them. */
const wordsOf = (command: string): string[] =>
  execFileSync('sh', ['-c', `kscan() { printf '%s\\0' "$@"; }\n${command}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1)
const read = ({ command }: Repeat): Config => {
  const parsed = parseArguments(wordsOf(command), '0')
  if (parsed.kind === 'text') throw new Error(parsed.text)
  const setting: Setting = { files }
  return loadConfig(parsed.call.flags, {
    verb: 'scan',
    env: JOB_ENV,
    home: '/home/ann',
    trusted: true,
    check: () => [],
    ...setting,
    readFile: (path) => files[path as keyof typeof files] ?? ''
  })
}

const TWIN = { approach: 'twin-pod', allow: 'scan-pod', 'helper-image': 'toolbox:1' }

describe('what was scanned is named', () => {
  test.each<[Inputs, string]>([
    [{ pod: 'api-7d9' }, '--namespace web --pod api-7d9 --container nginx --profile'],
    [
      { pod: 'api-7d9', approach: 'debug-container', allow: 'ephemeral-container', 'helper-image': 'toolbox:1' },
      '--pod api-7d9 --container nginx --approach debug-container --allow ephemeral-container --helper-image toolbox:1 --profile'
    ],
    [{ pod: 'api-7d9', approach: 'kubernetes-api' }, '--pod api-7d9 --container nginx --approach kubernetes-api --profile'],
    [{ workload: 'deployment/api', 'max-targets': '3', 'exclude-containers': 'proxy' }, '--namespace web --pod api-7d9 --container nginx --profile'],
    [
      { pod: 'api-7d9', allow: 'ephemeral-container,scan-pod', 'helper-image': 'toolbox:1', 'scan-namespace': 'scans' },
      '--pod api-7d9 --container nginx --allow ephemeral-container,scan-pod --helper-image toolbox:1 --scan-namespace scans --profile'
    ],
    [{ pod: 'api-7d9', approach: 'sidecar-container' }, '--pod api-7d9 --container nginx --approach sidecar-container --profile'],
    [
      { workload: 'deployment/api', namespace: 'web', ...TWIN },
      '--namespace web --workload deployment/api --container nginx --approach twin-pod --allow scan-pod --helper-image toolbox:1 --profile'
    ],
    [
      { selector: 'app=api', select: 'deployments', 'max-targets': '99', 'exclude-containers': 'proxy', ...TWIN, 'scan-namespace': 'scans' },
      '--selector app=api --select deployments --container nginx --max-targets 99 --approach twin-pod --allow scan-pod --helper-image toolbox:1 --scan-namespace scans --profile'
    ],
    [
      { context: 'kind', 'target-image': 'app:1', ...TWIN, 'pull-secret': 'registry' },
      '--target-image app:1 --approach twin-pod --allow scan-pod --helper-image toolbox:1 --pull-secret registry --profile'
    ]
  ])('of %j', (inputs, expected) => {
    const told = repeated(inputs)
    expect(told.command).toContain(expected)
    expect(read(told)).toMatchObject({ controls: ['V-1'], context: 'kind' })
  })

  test.each<[Inputs, string]>([
    [{ 'target-image': 'app:dev', 'kind-node-image': '1.36' }, '--kind-node-image 1.36 --target-image app:dev --profile'],
    [
      { manifests: 'deploy', 'load-images': 'a:1,b:2', workload: 'deployment/api', namespace: 'web', 'keep-cluster': 'on-failure' },
      '--load-images a:1,b:2 --manifests deploy --namespace web --workload deployment/api --container nginx --profile'
    ]
  ])('in a cluster that is made again: %j', (inputs, expected) => {
    const told = repeated(inputs)
    expect(told.command).toContain(expected)
    expect(told.command).not.toMatch(/--context|--keep-cluster|--pod/)
    expect(read(told).cluster.kind).toBe('kind')
  })

  test('as it was, where a pod of ours took the place of one', () => {
    const { command } = repeated({ workload: 'deployment/api', allow: 'scan-pod', 'helper-image': 'toolbox:1' }, { approach: 'twin-pod' })
    expect(command).toContain('--workload deployment/api --container nginx --allow scan-pod')
  })
})

/** For each input of a scan a value that is not its default, and what of the config must be the same again; undefined: the input is not carried. */
const KEPT: Readonly<Record<string, readonly [Inputs, keyof Config] | undefined>> = {
  cluster: [{ cluster: 'kind', manifests: 'm.yaml' }, 'cluster'],
  kubeconfig: [{ kubeconfig: '/home/a b/config' }, 'kubeconfig'],
  context: [{ context: 'kind' }, 'context'],
  'kubeconfig-exec': [{ 'kubeconfig-exec': 'deny' }, 'allowExec'],
  identity: [OF_JOB, 'identity'],
  server: [OF_JOB, 'identity'],
  'oidc-audience': [{ ...OF_JOB, 'oidc-audience': 'mine' }, 'identity'],
  'kind-version': [{ 'kind-version': '0.33.0', manifests: 'm.yaml' }, 'cluster'],
  'kind-node-image': [{ 'kind-node-image': '1.36', manifests: 'm.yaml' }, 'cluster'],
  'kind-config': [{ 'kind-config': 'i.yml', manifests: 'm.yaml' }, 'cluster'],
  'load-images': [{ 'load-images': 'a:1,b:1', manifests: 'm.yaml' }, 'cluster'],
  manifests: [{ manifests: 'm.yaml' }, 'cluster'],
  'keep-cluster': undefined,
  namespace: [{ namespace: 'web' }, 'namespace'],
  pod: [{ pod: 'api-7d9' }, 'target'],
  workload: [{ workload: 'job/api', pod: '', ...TWIN }, 'target'],
  selector: [{ selector: 'a=b', pod: '', ...TWIN }, 'target'],
  'target-image': [{ 'target-image': 'a:1', pod: '', ...TWIN }, 'target'],
  select: [{ selector: 'a=b', select: 'jobs', pod: '', ...TWIN }, 'target'],
  container: [{ container: 'nginx' }, 'containers'],
  'exclude-containers': undefined,
  'max-targets': [{ 'max-targets': '7', selector: 'a=b', pod: '', ...TWIN }, 'maxTargets'],
  approach: [{ approach: 'kubernetes-api' }, 'approach'],
  allow: [{ allow: 'scan-pod', 'helper-image': 'a:1' }, 'approach'],
  'helper-image': [{ allow: 'scan-pod', 'helper-image': 'b:1' }, 'approach'],
  'scan-namespace': [{ ...TWIN, 'scan-namespace': 'scans' }, 'approach'],
  'pull-secret': [{ ...TWIN, 'pull-secret': 'registry' }, 'approach'],
  'scan-pod-template': [{ ...TWIN, 'scan-pod-template': '{metadata: {labels: {a: b}}}' }, 'approach'],
  profile: [{ profile: `["./a, b","git+https://git.test/p@${'a'.repeat(40)}","x.tgz#sha256=${'b'.repeat(64)}"]` }, 'profiles'],
  'allow-unpinned-profiles': [{ 'allow-unpinned-profiles': 'true' }, 'allowUnpinned'],
  'git-token': undefined,
  'git-token-host': [{ 'git-token-host': 'git.example:8443' }, 'gitTokenHost'],
  'profile-env': [{ 'profile-env': 'BASELINE' }, 'profileEnv'],
  'profile-inputs': undefined,
  'profile-inputs-file': [{ 'profile-inputs-file': 'i.yml' }, 'profileInputFiles'],
  'waivers-file': [{ 'waivers-file': 'w.yml' }, 'waiverFiles'],
  controls: [{ controls: 'V-1' }, 'controls'],
  'control-tags': undefined,
  'container-detection': [{ 'container-detection': 'native' }, 'containerDetection'],
  'runner-resources': [{ 'runner-resources': 'allow' }, 'runnerResources'],
  'command-timeout': [{ 'command-timeout': '61s' }, 'commandTimeout'],
  'scan-timeout': [{ 'scan-timeout': '31m' }, 'scanTimeout'],
  access: [{ access: 'self' }, 'access'],
  'service-account': [{ access: 'service-account', 'service-account': 'kscan' }, 'access'],
  'token-ttl': undefined,
  auditor: [{ auditor: '/opt/my auditor' }, 'auditor'],
  'auditor-version': [{ 'auditor-version': '5' }, 'auditorVersion'],
  'download-mirror': [{ 'download-mirror': 'https://mirror.example/tools' }, 'fetching'],
  'ca-file': [{ 'ca-file': 'ca.pem' }, 'fetching'],
  offline: [{ offline: 'true' }, 'fetching'],
  isolation: [{ isolation: 'none' }, 'isolation'],
  threshold: undefined,
  'threshold-file': undefined,
  'total-threshold': undefined,
  'run-json': undefined,
  'baseline-file': undefined,
  enforce: undefined,
  'attestation-file': [{ 'attestation-file': 'a.yml' }, 'attestations'],
  'max-waived': undefined,
  'max-unjudged': undefined,
  'unjudged-ok': [{ 'unjudged-ok': 'skipped-profile' }, 'unjudgedOk'],
  'unjudged-ok-file': [{ 'unjudged-ok-file': 'c.yml' }, 'unjudgedOkFiles'],
  reports: undefined,
  'reports-path': undefined,
  'stig-id': undefined,
  'stig-release': undefined,
  transcript: undefined,
  'strict-cleanup': undefined,
  upload: undefined,
  'artifact-name': undefined,
  'retention-days': undefined,
  summary: undefined,
  annotations: undefined,
  config: undefined
}

describe('every input', () => {
  test('is weighed here: a new one that could change a result is not forgotten', () => {
    expect(Object.keys(KEPT)).toEqual(INPUTS.map(({ name }) => name))
  })

  test.each(Object.entries(KEPT).flatMap(([name, kept]) => (kept === undefined ? [] : [[name, ...kept] as const])))(
    '%s that may change what comes of a control is carried',
    (_, { pod = 'api-7d9', ...inputs }, field) => {
      const given = pod === '' ? inputs : { pod, ...inputs }
      expect(read(repeated(given))[field]).toEqual(load({ profile: './profile', ...given }, { files, env: JOB_ENV })[field])
    }
  )

  test.each(Object.entries(KEPT).flatMap(([name, kept]) => (kept === undefined ? [name] : [])))('%s is not shown', (name) => {
    const type = INPUTS.find((input) => input.name === name)?.type
    const samples = {
      text: 'b-1',
      yaml: 'compliance.min: 1',
      list: 't.yml',
      boolean: 'false',
      count: '5',
      duration: '12m',
      choice: type?.kind === 'choice' ? (type.of.at(-1) ?? '') : ''
    }
    const value =
      new Map([
        ['reports', 'csv'],
        ['stig-release', 'V2R1']
      ]).get(name) ?? samples[type?.kind ?? 'text']
    const inKind = name === 'keep-cluster' ? { manifests: 'm.yaml' } : {}
    const { command, hidden } = repeated({ pod: 'api-7d9', ...inKind, [name]: name === 'exclude-containers' || name === 'control-tags' ? 'a-b' : value })
    expect(command.includes(`--${name} `)).toBe(name === 'reports-path')
    if (name !== 'reports-path') expect(command).not.toContain(value)
    expect(hidden).toEqual(inputsOf('scan').some((input) => input.name === name && input.secret === true) ? [variableOf(name)] : [])
  })
})

test('an archive keeps its digest, and reports of one control do not take the place of those of all', () => {
  const archive = `base.tgz#sha256=${'ab'.repeat(32)}`
  const { command } = repeated({ pod: 'api-7d9', profile: archive, 'reports-path': 'kscan-reports' })
  expect(command).toContain(`--profile '${archive}'`)
  expect(read({ command, hidden: [] })).toMatchObject({ profiles: [{ kind: 'archive' }], reportsPath: 'kscan-repeat' })
})

test('of several profiles those that do not have the control may be empty', () => {
  expect(read(repeated({ pod: 'api-7d9', profile: './a,./b', 'unjudged-ok': 'skipped-profile' })).unjudgedOk).toEqual(['empty-profile', 'skipped-profile'])
})

describe('a shell reads the words that were meant', () => {
  const HOSTILE = [
    "it's",
    '$(touch /tmp/pwned)',
    '`id`',
    'a; rm -rf ~',
    'a && b | c > d',
    '"quoted"',
    'back\\slash',
    '!history',
    '*',
    '~',
    '#comment',
    'a b',
    ' edges ',
    'comma,inside',
    '[list]',
    '["json"]',
    'new\nline',
    'tab\there',
    'escape \u001b[2J',
    'b\u202ei\u200bd',
    '\u{1f600} ä',
    '$HOME',
    '%s',
    '=x',
    '{a,b}'
  ]
  test.each(HOSTILE)('in the id %j', (id) => expect(read(repeated({ pod: 'api-7d9' }, { id })).controls).toEqual([id]))

  test.each(['/etc/passwd', '-v', '/x/', '--target', '/a+b(c)', '-a,b'])('in the id %j, which is matched', (id) => {
    const [expression = ''] = read(repeated({ pod: 'api-7d9' }, { id })).controls
    const source = new RegExp(expression.slice(1, -1))
    expect([expression.startsWith('/'), source.test(id), source.test(`${id}x`), source.test(`x${id}`)]).toEqual([true, true, false, false])
  })

  test.each(HOSTILE.filter((text) => !/[\n\u001b\u202e]/.test(text)))('in the context and the image %j', (text) => {
    const told = repeated({ pod: 'api-7d9' }, {}, { cluster: { server: '', version: '', context: text } })
    expect(read(told).context).toBe(text.trim())
    expect(wordsOf(told.command)).toContain(text)
  })

  test('in names of files', () => {
    expect(read(repeated({ pod: 'api-7d9', 'profile-inputs-file': "it's; $(x) `y`.yml" })).profileInputFiles).toEqual(["it's; $(x) `y`.yml"])
  })
})

test('of variables that the profiles were given, which may hold anything, only the names are told', () => {
  const { command, hidden } = repeated({ pod: 'api-7d9', 'profile-env': 'BASELINE,LEVEL' }, { env: { BASELINE: "it's high", OTHER: 'x' } })
  expect(command).toMatch(/^kscan scan .*--profile-env BASELINE,LEVEL /)
  expect(hidden).toEqual(['BASELINE'])
})

describe('a config file', () => {
  const told = (origin: Raw['origin']): string =>
    repeatCommand({
      raw: rawOf({ 'waivers-file': 'w.yml' }, origin),
      config: load({ pod: 'api-7d9' }),
      record: { ...record([]), targets: [targetRecord('web/api/nginx')] }
    })({
      target: 'web/api/nginx',
      control: { id: 'V-1' }
    } as never).command

  test('that was read is not read again: what it said is given', () => {
    expect(told('config file')).toMatch(/ --waivers-file w\.yml .*--config none$/)
    expect(wordsOf(told('config file')).slice(-2)).toEqual(['--config', 'none'])
  })

  test('that was not is not spoken of', () => expect(told('input')).toMatch(/ --waivers-file w\.yml (?!.*--config)/))
})
