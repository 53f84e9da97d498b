import { describe, expect, test } from '@jest/globals'
import type { Config } from '../../../src/config/config.ts'
import { INPUTS } from '../../../src/config/inputs.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { Raw } from '../../../src/config/raw.ts'
import { CONTEXT, load, namesOf, problemsOf, scanWith, type Inputs, VERBS } from './load-support.ts'

const SHA = 'a1'.repeat(32)
const COMMIT = '0f'.repeat(20)

describe('a value that is good', () => {
  test.each<[Inputs, Partial<Config>]>([
    [{}, { target: { kind: 'pod', pod: 'web-0' }, profiles: [{ kind: 'path', path: './baseline' }], namespace: undefined, context: undefined }],
    [
      { context: 'prod', namespace: 'shop', kubeconfig: 'k.yaml' },
      { context: 'prod', namespace: 'shop', kubeconfig: 'k.yaml' }
    ],
    [{ 'max-targets': '1' }, { maxTargets: 1 }],
    [
      { 'max-unjudged': '7', 'retention-days': '90' },
      { maxUnjudged: 7, retentionDays: 90 }
    ],
    [
      { 'command-timeout': '1s', 'scan-timeout': '2h', 'token-ttl': '10m' },
      { commandTimeout: 1000, scanTimeout: 7_200_000, tokenTtl: 600_000 }
    ],
    [{ 'token-ttl': '60m' }, { tokenTtl: 3_600_000 }],
    [
      { enforce: 'false', summary: 'false', 'strict-cleanup': 'true' },
      { enforce: false, summary: false, strictCleanup: true, annotations: true }
    ],
    [{ container: 'app, sidecar\n\nproxy\r\n' }, { containers: ['app', 'sidecar', 'proxy'] }],
    [{ container: '["app", "proxy"]' }, { containers: ['app', 'proxy'] }],
    [{ controls: '["/x{1,2}/", "base-01"]' }, { controls: ['/x{1,2}/', 'base-01'] }],
    [{ 'exclude-containers': 'istio-proxy' }, { excludeContainers: ['istio-proxy'] }],
    [{ profile: 'kscan-baseline' }, { profiles: [{ kind: 'own' }] }],
    [{ profile: './kscan-baseline' }, { profiles: [{ kind: 'path', path: './kscan-baseline' }] }],
    [{ profile: `base.tgz#sha256=${SHA}` }, { profiles: [{ kind: 'archive', path: 'base.tgz', sha256: SHA }] }],
    [{ profile: `git+https://host.example/a/b@${COMMIT}` }, { profiles: [{ kind: 'git', url: 'https://host.example/a/b', commit: COMMIT }] }],
    [
      { profile: `git+ssh://git@host.example:2222/a/b.git@${COMMIT}#subdir=profiles/web` },
      { profiles: [{ kind: 'git', url: 'ssh://git@host.example:2222/a/b.git', commit: COMMIT, subdir: 'profiles/web' }] }
    ],
    [{ profile: `https://host.example/a.tgz#sha256=${SHA}` }, { profiles: [{ kind: 'download', url: 'https://host.example/a.tgz', sha256: SHA }] }],
    [{ profile: 'catalog/ssh-baseline' }, { profiles: [{ kind: 'catalog', name: 'ssh-baseline' }] }],
    [
      { profile: 'git+https://host.example/a@main,https://host.example/a.tgz,a.tgz', 'allow-unpinned-profiles': 'true' },
      {
        allowUnpinned: true,
        profiles: [
          { kind: 'git', url: 'https://host.example/a', commit: 'main' },
          { kind: 'download', url: 'https://host.example/a.tgz', sha256: undefined },
          { kind: 'archive', path: 'a.tgz', sha256: undefined }
        ]
      }
    ],
    [{ access: 'self' }, { access: { kind: 'self' } }],
    [{ access: 'service-account', 'service-account': 'kscan' }, { access: { kind: 'service-account', account: 'kscan' } }],
    [{}, { approach: { kind: 'auto', allow: [], image: '', scanNamespace: undefined, pullSecret: undefined } }],
    [
      { allow: 'scan-pod', 'helper-image': 'tools:1', 'pull-secret': 'registry' },
      { approach: { kind: 'auto', allow: ['scan-pod'], image: 'tools:1', scanNamespace: undefined, pullSecret: 'registry' } }
    ],
    [{ approach: 'sidecar-container' }, { approach: { kind: 'sidecar-container' } }],
    [
      { approach: 'debug-container', allow: 'ephemeral-container', 'helper-image': 'registry.example/toolbox:1' },
      { approach: { kind: 'debug-container', image: 'registry.example/toolbox:1', unpoliced: false } }
    ],
    [
      { approach: 'debug-container', allow: 'unpoliced-ephemeral-container', 'helper-image': 'toolbox' },
      { approach: { kind: 'debug-container', image: 'toolbox', unpoliced: true } }
    ],
    [
      { approach: 'twin-pod', allow: 'scan-pod', 'helper-image': 'toolbox' },
      { approach: { kind: 'twin-pod', image: 'toolbox', scanNamespace: undefined, pullSecret: undefined } }
    ],
    [
      { approach: 'twin-pod', allow: 'scan-pod', 'helper-image': 'toolbox', 'scan-namespace': 'scans', 'pull-secret': 'registry' },
      { approach: { kind: 'twin-pod', image: 'toolbox', scanNamespace: 'scans', pullSecret: 'registry' } }
    ],
    [
      { auditor: 'cinc,gems', 'auditor-version': '7' },
      { auditor: ['cinc', 'gems'], auditorVersion: '7' }
    ],
    [
      { 'download-mirror': 'https://mirror.example/tools', offline: 'true' },
      { fetching: { mirror: 'https://mirror.example/tools', ca: undefined, offline: true } }
    ],
    [{ auditor: 'gems,./bin/cinc-auditor,path' }, { auditor: ['gems', { path: './bin/cinc-auditor' }, 'path'] }],
    [{ reports: 'run.json\nhdf' }, { reports: ['hdf', 'run.json'] }],
    [
      { upload: 'always', 'artifact-name': 'a b' },
      { upload: 'always', artifactName: 'a b' }
    ],
    [{}, { benchmark: { id: undefined, version: undefined, release: undefined } }],
    [
      { 'stig-id': 'xccdf_mil.disa.stig_benchmark_RHEL_9-STIG.1', 'stig-release': 'V2R1' },
      { benchmark: { id: 'xccdf_mil.disa.stig_benchmark_RHEL_9-STIG.1', version: '2', release: 'Release: 1 ' } }
    ],
    [{ 'stig-release': 'r1.1' }, { benchmark: { id: undefined, version: undefined, release: 'Release: 1.1 ' } }],
    [
      { 'stig-release': 'Release: 2 Benchmark Date: 24 Jul 2024' },
      { benchmark: { id: undefined, version: undefined, release: 'Release: 2 Benchmark Date: 24 Jul 2024' } }
    ],
    [
      { 'stig-release': 'V3, Release: 10   Benchmark Date: 4 July 2024' },
      { benchmark: { id: undefined, version: '3', release: 'Release: 10 Benchmark Date: 4 July 2024' } }
    ],
    [{ 'container-detection': 'native' }, { containerDetection: 'native' }],
    [{ 'runner-resources': 'allow' }, { runnerResources: 'allow' }],
    [{ 'profile-inputs': 'a:\n  b: 1\n' }, { profileInputs: 'a:\n  b: 1\n' }],
    [{ threshold: 'failed:\n  high: {max: 0}\n' }, { thresholds: [{ source: 'threshold', text: 'failed:\n  high: {max: 0}\n' }] }]
  ])('%j', (inputs, expected) => {
    expect(scanWith(inputs)).toMatchObject(expected)
  })

  test('the defaults are those that the table writes', () => {
    expect(scanWith({})).toMatchObject({
      kubeconfig: '/home/ann/.kube/config',
      containers: [],
      maxTargets: 50,
      containerDetection: 'docker',
      runnerResources: 'deny',
      commandTimeout: 60_000,
      scanTimeout: 1_800_000,
      access: { kind: 'per-run' },
      tokenTtl: 900_000,
      thresholds: [],
      enforce: true,
      maxUnjudged: 0,
      maxWaived: 1_000_000,
      attestations: [],
      auditor: ['path', 'gems'],
      reports: ['hdf', 'junit', 'markdown', 'html', 'run.json'],
      reportsPath: 'kscan-reports',
      transcript: 'off',
      strictCleanup: false,
      upload: 'auto',
      retentionDays: 0,
      given: ['pod: web-0 (input)', 'profile: ./baseline (input)']
    })
  })

  test('spaces and line ends around a value of one line do not count', () => {
    const config = scanWith({
      namespace: ' shop\n',
      context: 'prod\n',
      enforce: 'false\n',
      'max-targets': '7\n',
      'token-ttl': '20m\n',
      'git-token': 'abc123\n'
    })
    expect(config).toMatchObject({ namespace: 'shop', context: 'prod', enforce: false, maxTargets: 7, tokenTtl: 1_200_000 })
    expect(config.gitToken?.reveal()).toBe('abc123')
  })

  test('the config cannot be changed', () => {
    expect(Object.isFrozen(scanWith({}))).toBe(true)
  })
})

describe('a value that is bad', () => {
  test.each<[Inputs, RegExp]>([
    [{ 'max-targets': '0' }, /1 to 10000; got "0"/],
    [{ 'max-targets': '5.0' }, /whole number .* got "5.0"/],
    [{ 'max-targets': '1e3' }, /whole number/],
    [{ 'max-unjudged': '-1' }, /whole number/],
    [{ 'max-unjudged': '0x10' }, /whole number/],
    [{ 'token-ttl': '30' }, /like "15m", 10m to 1h; got "30"/],
    [{ 'token-ttl': '9m' }, /10m to 1h/],
    [{ 'token-ttl': '61m' }, /10m to 1h/],
    [{ 'command-timeout': '1.5m' }, /like "60s", 1s to 1h/],
    [{ 'scan-timeout': '5 m' }, /like "30m"/],
    [{ enforce: 'True' }, /true or false; got "True"/],
    [{ enforce: 'ture' }, /true or false/],
    [{ summary: 'yes' }, /true or false/],
    [{ upload: 'Always' }, /one of auto, always, never/],
    [{ access: 'admin' }, /one of per-run, service-account, self/],
    [{ namespace: 'Shop' }, /a name of/],
    [{ namespace: 'shop/x' }, /a name of/],
    [{ context: 'a\nb' }, /one line/],
    [{ pod: '-x' }, /name of a pod/],
    [{ container: 'app,App' }, /got "App"/],
    [{ container: '["app"' }, /JSON array of strings/],
    [{ container: '[1]' }, /JSON array of strings/],
    [{ controls: '--no-sandbox' }, /do not begin with -/],
    [{ controls: 'base-01\n/x{1,2}/' }, /JSON array/],
    [{ 'control-tags': '-x' }, /do not begin with -/],
    [{ profile: 'base.tgz#sha256=abc' }, /64 hexadecimal/],
    [{ profile: 'git+https://host.example/a@main' }, /40 characters/],
    [{ profile: `git+https://host.example/a@${COMMIT.slice(0, 12)}` }, /40 characters/],
    [{ profile: `git+ssh://ann:secret@host.example/a@${COMMIT}` }, /no password/],
    [{ profile: `git+ssh://-oProxyCommand=x/a@${COMMIT}` }, /git\+ssh/],
    [{ profile: `git+ssh://host.example/a'b@${COMMIT}` }, /git\+ssh/],
    [{ profile: `git+http://host.example/a@${COMMIT}` }, /git\+https/],
    [{ profile: `git+file:///srv/a@${COMMIT}` }, /git\+https/],
    [{ profile: `git+https://host.example/a@${COMMIT}#subdir=../b` }, /a folder of the repository/],
    [{ profile: `git+https://host.example/a@${COMMIT}#path=b` }, /git\+https/],
    [{ profile: 'git+https://host.example/a@--upload-pack=x', 'allow-unpinned-profiles': 'true' }, /git\+https/],
    [{ profile: 'https://host.example/a.tgz#sha256=abc' }, /64 hexadecimal/],
    [{ profile: 'http://host.example/a.tgz' }, /catalog\/NAME/],
    [{ profile: 'catalog/No Name' }, /`kscan profiles` lists/],
    [{ 'allow-unpinned-profiles': 'main' }, /true or false/],
    [{ profile: 'catalog/ssh-baseline', offline: 'true' }, /on this machine/],
    [{ profile: `https://host.example/a.tgz#sha256=${SHA}`, offline: 'true' }, /on this machine/],
    [{ profile: `git+https://host.example/a?b=c@${COMMIT}` }, /git\+https/],
    [{ profile: 'https://host.example/a.tgz' }, /https:\/\/HOST\/FILE#sha256=DIGEST/],
    [{ profile: '-x' }, /does not begin with -/],
    [{ 'service-account': 'kscan' }, /nothing, or access: service-account/],
    [{ access: 'service-account' }, /name of an account, for access: service-account; got none/],
    [{ approach: 'exec' }, /one of auto, kubernetes-api, debug-container, sidecar-container, twin-pod/],
    [{ allow: 'everything' }, /one or more of: none, ephemeral-container, unpoliced-ephemeral-container, scan-pod/],
    [{ allow: 'none,ephemeral-container', 'helper-image': 'toolbox' }, /none alone/],
    [{ approach: 'debug-container', 'helper-image': 'toolbox' }, /ephemeral-container, for approach: debug-container.*stays in the pod/],
    [{ approach: 'debug-container', allow: 'ephemeral-container' }, /name of an image/],
    [{ approach: 'twin-pod', allow: 'ephemeral-container', 'helper-image': 'toolbox' }, /scan-pod, for approach: twin-pod/],
    [{ approach: 'twin-pod', allow: 'scan-pod' }, /name of an image, for approach: twin-pod/],
    [{ 'scan-namespace': 'scans' }, /nothing, or allow: scan-pod/],
    [{ 'pull-secret': 'registry' }, /nothing, or allow: scan-pod/],
    [{ auditor: 'chef' }, /path, cinc, gems, or the path/],
    [{ 'auditor-version': 'latest' }, /a version, or the beginning of one, like 7 or 7\.0\.107; got "latest"/],
    [{ 'auditor-version': '7.0.107-1' }, /a version/],
    [{ 'download-mirror': 'mirror.example' }, /an address like https:.*; got no such address/],
    [{ 'download-mirror': 'file:///srv/tools' }, /no such address/],
    [{ 'download-mirror': 'https://ann:hunter2@mirror.example/x' }, /got one with a user, a query or a fragment/],
    [{ 'download-mirror': 'https://mirror.example/x?token=hunter2' }, /got one with a user, a query or a fragment/],
    [{ 'ca-file': 'none.pem' }, /a file with certificates \(PEM\); got none\.pem: it cannot be read/],
    [{ offline: 'yes' }, /true or false/],
    [{ offline: 'true', profile: `git+https://host.example/a@${COMMIT}` }, /a folder or an archive on this machine; got https:\/\/host\.example\/a/],
    [{ offline: 'true', cluster: 'kind', manifests: `https://host.example/a.yaml#sha256=${'a'.repeat(64)}` }, /files on this machine; got https/],
    [{ reports: 'hdf,pdf' }, /one or more of: .* got "pdf"/],
    [{ 'artifact-name': 'a/b' }, /a name without/],
    [{ 'stig-id': 'RHEL 9' }, /an id of letters, digits, _ \. and -, of at most 255 characters; got "RHEL 9"/],
    [{ 'stig-id': 'a'.repeat(256) }, /at most 255/],
    [{ 'stig-id': 'RHEL_9_STIG', profile: './a,./b' }, /one profile, for stig-id and stig-release; got 2/],
    [{ 'stig-release': 'latest' }, /like V2R1, R1 or Release: 1 Benchmark Date: 24 Jul 2024; got "latest"/],
    [{ 'stig-release': 'V2' }, /like V2R1/],
    [{ 'stig-release': 'Release: 2' }, /like V2R1/],
    [{ 'stig-release': 'Release: 2 Benchmark Date: soon' }, /like V2R1/],
    [{ select: 'jobs' }, /a selector to go with it/],
    [{ 'kubeconfig-exec': 'yes' }, /one of deny, allow/]
  ])('%j', (inputs, expected) => {
    const problems = problemsOf(() => scanWith(inputs))
    expect(problems).toHaveLength(1)
    expect(`expected ${problems[0]?.expected}; got ${problems[0]?.got}. ${problems[0]?.hint ?? ''}`).toMatch(expected)
  })

  test('every problem is said at once, those of other rooms among them', () => {
    const inputs = {
      namespace: 'Shop',
      'max-targets': 'many',
      enforce: 'no',
      profile: 'git+https://x',
      'threshold-file': 'none.yaml',
      'profile-inputs': '- a',
      upload: 'x'
    }
    const problems = problemsOf(() => load(inputs, { check: () => [{ name: 'threshold', expected: 'a bound', got: 'none' }] }))
    expect(namesOf(problems).toSorted()).toEqual(
      ['enforce', 'max-targets', 'namespace', 'pod', 'profile', 'profile-inputs', 'threshold', 'threshold-file', 'upload'].toSorted()
    )
  })

  test.each(INPUTS.map(({ name }) => name))('%s as an empty flag is an unset variable of a script, not the default', (name) => {
    expect(namesOf(problemsOf(() => scanWith({ [name]: '' }, { origin: 'flag' })))).toContain(name)
  })
})

describe('the target', () => {
  const target = (inputs: Inputs): Config['target'] => load({ profile: 'p', ...inputs }).target

  test.each<[Inputs, Config['target']]>([
    [{ workload: 'deployment/web' }, { kind: 'workload', workload: 'deployment', name: 'web' }],
    [{ workload: 'StatefulSet/db' }, { kind: 'workload', workload: 'statefulset', name: 'db' }],
    [{ workload: 'deploy/web' }, { kind: 'workload', workload: 'deployment', name: 'web' }],
    [{ workload: 'deployment.apps/web' }, { kind: 'workload', workload: 'deployment', name: 'web' }],
    [{ workload: 'sts/db' }, { kind: 'workload', workload: 'statefulset', name: 'db' }],
    [{ workload: 'ds/agent' }, { kind: 'workload', workload: 'daemonset', name: 'agent' }],
    [{ workload: 'jobs/backup' }, { kind: 'workload', workload: 'job', name: 'backup' }],
    [{ workload: 'po/web-0' }, { kind: 'pod', pod: 'web-0' }],
    [{ selector: 'app=web,tier!=test' }, { kind: 'selector', selector: 'app=web,tier!=test', select: 'pods' }],
    [
      { selector: 'app in (a, b)', select: 'jobs' },
      { kind: 'selector', selector: 'app in (a, b)', select: 'jobs' }
    ]
  ])('%j', (inputs, expected) => {
    expect(target(inputs)).toEqual(expected)
  })

  test.each<[string, Inputs]>([
    ['none', {}],
    ['two', { pod: 'a', selector: 'b=c' }],
    ['three', { pod: 'a', workload: 'job/b', selector: 'c' }],
    ['a workload without a name', { workload: 'deployment/' }],
    ['a workload of an unknown kind', { workload: 'depl/web' }],
    ['a workload with a part too many', { workload: 'deployment/web/app' }]
  ])('%s is refused', (_, inputs) => {
    expect(problemsOf(() => target(inputs))).toHaveLength(1)
  })
})

describe('what a command needs', () => {
  test.each(
    VERBS.map((verb) => [verb, { scan: ['pod'], plan: ['pod'], doctor: [], judge: [], report: [], cleanup: [], vendor: [], profiles: [] }[verb]] as const)
  )('%s misses %j', (verb, missing) => {
    expect(namesOf(problemsOf(() => load({}, { verb })))).toEqual(missing)
  })

  test('a flag of another command is refused, an environment for another command is left alone', () => {
    expect(namesOf(problemsOf(() => load({ pod: 'web-0' }, { verb: 'judge', origin: 'flag' })))).toEqual(['pod'])
    expect(load({ pod: 'Not A Pod' }, { verb: 'judge', origin: 'environment' }).given).toEqual([])
  })

  test('reports are written by a scan only', () => {
    expect(namesOf(problemsOf(() => load({ reports: 'hdf', 'reports-path': 'x' }, { verb: 'judge', origin: 'flag' })))).toEqual(['reports', 'reports-path'])
  })
})

describe('what is not given', () => {
  test.each([
    ['the input', { kubeconfig: 'mine' }, { KUBECONFIG: 'env' }, 'mine'],
    ['the environment', {}, { KUBECONFIG: 'env' }, 'env'],
    ['the home folder', {}, { KUBECONFIG: '' }, '/home/ann/.kube/config']
  ])('the kubeconfig comes from %s', (_, inputs, env, expected) => {
    expect(scanWith(inputs, { env }).kubeconfig).toBe(expected)
  })

  test.each([
    [true, undefined, true],
    [false, undefined, false],
    [true, 'deny', false],
    [false, 'allow', true]
  ])('in a job that is trusted (%s), with kubeconfig-exec %s, plugins may run: %s', (trusted, exec, expected) => {
    expect(scanWith(exec === undefined ? {} : { 'kubeconfig-exec': exec }, { trusted }).allowExec).toBe(expected)
  })

  test.each<[Raw['origin'], boolean]>([
    ['flag', true],
    ['input', true],
    ['environment', true],
    ['config file', false]
  ])('a kubeconfig that a %s names may start plugins unasked: %s', (origin, expected) => {
    expect(scanWith({ kubeconfig: 'k' }, { origin }).allowExec).toBe(expected)
  })
})

describe('what the log shows', () => {
  test('each value that is not the default, with its origin', () => {
    const { given } = scanWith({ enforce: 'false', summary: 'true\n', 'max-targets': '50', controls: 'a\nb' }, { origin: 'environment' })
    expect(given).toEqual(['pod: web-0 (environment)', 'profile: ./baseline (environment)', 'controls: a ⏎ b (environment)', 'enforce: false (environment)'])
  })

  test('where in a config file it stands, and where a value stands that is wrong', () => {
    const at = (inputs: Inputs): Map<string, Raw> =>
      new Map(Object.entries(inputs).map(([name, value]) => [name, { value, origin: 'config file', place: 'k.yaml, line 3' }]))
    expect(loadConfig(at({ pod: 'web-0' }), CONTEXT).given).toEqual(['pod: web-0 (k.yaml, line 3)'])
    expect(problemsOf(() => loadConfig(at({ pod: 'Not A Pod' }), CONTEXT)).map(({ got }) => got)).toEqual(['"Not A Pod" (k.yaml, line 3)'])
  })

  test('no control character reaches a terminal', () => {
    expect(scanWith({ context: 'a\u001b[31mb' }).given).toContain('context: a\\x1b[31mb (input)')
  })

  test('no secret', () => {
    const config = scanWith({ 'git-token': 'hunter2', 'profile-inputs': 'password: hunter2' })
    expect(config.given).toEqual(expect.arrayContaining(['git-token: *** (input)', 'profile-inputs: *** (input)']))
    expect(JSON.stringify({ given: config.given, token: config.gitToken })).not.toContain('hunter2')
    expect(config.gitToken?.reveal()).toBe('hunter2')
  })
})

describe('a problem never shows a secret', () => {
  test.each<[string, Inputs]>([
    ['a token of two lines', { 'git-token': 'hunter2\nhunter2' }],
    ['YAML that cannot be read', { 'profile-inputs': 'password: hunter2: x' }],
    ['YAML with an alias', { 'profile-inputs': 'password: *hunter2' }],
    ['YAML with a tag', { 'profile-inputs': '!hunter2 [' }],
    ['YAML that is no mapping', { 'profile-inputs': 'hunter2' }],
    ['an address with user and password', { profile: `git+https://ann:hunter2@host.example/a@${COMMIT}` }],
    ['an address with a password that has a slash', { profile: `git+https://ann:x/hunter2@host.example/a@${COMMIT}` }],
    ['an address with a token', { profile: `git+https://hunter2@host.example/a@main` }],
    ['an address without a commit', { profile: 'git+https://ann:hunter2@host.example/a' }],
    ['an address with a query', { profile: `git+https://host.example/a?token=hunter2@${COMMIT}` }],
    ['an archive by address', { profile: 'https://ann:hunter2@host.example/a.tgz' }]
  ])('%s', (_, inputs) => {
    const problems = problemsOf(() => scanWith(inputs))
    expect(problems).toHaveLength(1)
    expect(JSON.stringify(problems)).not.toContain('hunter2')
  })

  test('an address without one is shown', () => {
    expect(problemsOf(() => scanWith({ profile: 'git+https://host.example/a@main' }))[0]?.got).toContain('git+https://host.example/a@main')
  })
})

describe('an image that need not run', () => {
  const twin = { profile: './baseline', 'target-image': 'app:1', approach: 'twin-pod', allow: 'scan-pod', 'helper-image': 'toolbox' }

  test('is a target of its own', () => {
    expect(load(twin).target).toEqual({ kind: 'image', image: 'app:1' })
  })

  test.each<[Inputs, RegExp]>([
    [{ pod: 'web-0' }, /exactly one of pod, workload, selector and target-image; got pod and target-image/],
    [{ 'target-image': '@app' }, /the name of an image; got "@app"/],
    [{ container: 'app' }, /nothing beside target-image/],
    [{ 'exclude-containers': 'app' }, /nothing beside target-image/]
  ])('with %j is a problem', (inputs, expected) => {
    const [problem, ...more] = problemsOf(() => load({ ...twin, ...inputs }))
    expect(more).toEqual([])
    expect(`expected ${problem?.expected}; got ${problem?.got}`).toMatch(expected)
  })

  test('needs a pod of ours', () => {
    const problems = (more: Record<string, string>): string[] =>
      problemsOf(() => load({ context: 'prod', profile: './baseline', 'target-image': 'app:1', ...more })).map(({ name, expected }) => `${name}: ${expected}`)
    expect(problems({ approach: 'debug-container', allow: 'ephemeral-container', 'helper-image': 'toolbox' })).toEqual([
      'target-image: approach: twin-pod, for an image that need not run'
    ])
    expect(problems({})).toEqual(['allow: scan-pod, for approach: twin-pod', 'helper-image: the name of an image, for approach: twin-pod'])
  })

  test('is scanned in one, also where the approach may be chosen', () => {
    const { approach } = load({ profile: './baseline', 'target-image': 'app:1', allow: 'scan-pod', 'helper-image': 'toolbox' })
    expect(approach.kind).toBe('twin-pod')
  })
})
