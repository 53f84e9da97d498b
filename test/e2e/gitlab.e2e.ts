import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { FORMATS } from '../../src/config/config.ts'
import { templateText } from '../../scripts/gitlab/template.ts'
import { LINKS_FILE } from '../../src/host/gitlab.ts'
import { makeCertificates } from '../support/api-server/certificates.ts'
import { type GitServer, startServer } from '../support/git-server.ts'
import { KUBECONFIG, leftBehind, NAMESPACE } from './cluster.ts'
import { type Inputs, pipeline, type Pipeline, startPipeline } from './gitlab.ts'

afterEach(async () => {
  expect(await leftBehind()).toEqual([])
})

const target = { kubeconfig: KUBECONFIG, namespace: NAMESPACE, pod: 'debian' }
const judged = {
  ...target,
  profile: 'test/fixtures/profiles/resources',
  'waivers-file': 'test/fixtures/waivers/debian.yaml'
}
const met = { ...judged, 'threshold-file': 'test/fixtures/thresholds/met.yaml' }
const violated = { ...judged, 'threshold-file': 'test/fixtures/thresholds/violated.yaml' }

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .toSorted()

/** How the runner tells of the job at the end: its own exit code is 0 for any job with `allow_failure: exit_codes`. */
const ending = ({ log }: Pipeline): string | undefined => /^ (PASS|WARN|FAIL) {2}kscan\s/m.exec(log)?.[1]

describe('a job of the component', () => {
  test('succeeds when the threshold is met, with outputs for later jobs, artifacts and links', async () => {
    const later = { stage: 'deploy', needs: ['kscan'], script: ['echo "it was $KSCAN_OUT_RESULT with $KSCAN_OUT_HDF_PATH"; ls "$KSCAN_OUT_HDF_PATH"'] }
    const ran = await pipeline([met], { more: { later } })
    const { code, outputs, artifacts, folder, log } = ran.job('kscan')
    expect([code, ran.code, outputs['KSCAN_OUT_RESULT']]).toEqual([0, 0, 'passed'])
    expect(outputs).toMatchObject({ KSCAN_OUT_TARGET_COUNT: '1', KSCAN_OUT_LEFTOVERS: '0', KSCAN_OUT_APPROACHES_USED: 'kubernetes-api' })
    const hdf = `kscan-artifact/kscan-reports/hdf/${NAMESPACE}_debian_main.json`
    expect(filesOf(artifacts).filter((name) => !name.startsWith('.'))).toEqual(
      ['codequality.json', `hdf/${NAMESPACE}_debian_main.json`, 'junit.xml', 'report.html', 'results.sarif', 'run.json', 'summary.md'].map(
        (name) => `kscan-artifact/kscan-reports/${name}`
      )
    )
    expect(ran.job('later').log).toMatch(new RegExp(`it was passed with kscan-artifact/kscan-reports/hdf\\n${hdf.split('/').at(-1)}`))
    expect(JSON.parse(readFileSync(join(folder, LINKS_FILE), 'utf8'))).toEqual({
      kscan: [
        {
          external_link: { label: 'kscan: HTML report', url: expect.stringMatching(/^https:.*\/artifacts\/file\/kscan-artifact\/kscan-reports\/report.html$/) }
        },
        { external_link: { label: 'kscan: all reports', url: outputs['KSCAN_OUT_ARTIFACT_URL'] } }
      ]
    })
    for (const phase of ['Connect to the cluster', 'Grant access', 'Audit', 'Revoke access'])
      expect(log).toMatch(new RegExp(`^section_start:\\d+:kscan_\\d+\\r\u001b\\[0K${phase}\\n[^]*^✓ ${phase} .*\\nsection_end:`, 'm'))
    expect(log).toContain('$ kscan cleanup')
  })

  test('fails when it is violated, and says by which bound', async () => {
    const ran = await pipeline([violated])
    const { code, outputs, log, artifacts } = ran.job('kscan')
    expect([code, ran.code, outputs['KSCAN_OUT_RESULT']]).toEqual([1, 1, 'not-compliant'])
    expect(log).toMatch(/violated bounds:\n\s+failed\.high\.max/)
    expect(filesOf(artifacts)).toContain('kscan-artifact/kscan-reports/junit.xml')
  })

  test('is softened by its exit code for what is not compliant, and for nothing else', async () => {
    const more = { kscan: { allow_failure: { exit_codes: [1] } } }
    const [soft, hard] = await Promise.all([pipeline([violated], { more }), pipeline([{ ...met, pod: 'no-such-pod' }], { more })])
    expect([soft.job('kscan').code, ending(soft)]).toEqual([1, 'WARN'])
    expect([hard.job('kscan').code, ending(hard), hard.job('kscan').outputs['KSCAN_OUT_RESULT']]).toEqual([4, 'FAIL', 'scan-failed'])
  })

  test('is not softened where the results could not be judged', async () => {
    const ran = await pipeline([{ ...target, profile: 'test/fixtures/profiles/empty' }], { more: { kscan: { allow_failure: { exit_codes: [1] } } } })
    expect([ran.job('kscan').code, ending(ran), ran.job('kscan').outputs['KSCAN_OUT_RESULT']]).toEqual([3, 'FAIL', 'unjudged'])
  })

  test('names all bad inputs at once, and none of what a commit has put in the places of its reports passes for its own', async () => {
    const forged = 'KSCAN_OUT_RESULT=passed\n'
    const inputs = { ...target, profile: './no/such/profile', 'scan-timeout': '9h', threshold: 'faild: {total: {max: 0}}' }
    const ran = await pipeline([inputs], {
      prepare: (folder) => {
        for (const path of ['.kscan', 'elsewhere/kscan-reports', 'kscan-reports']) mkdirSync(join(folder, path), { recursive: true })
        writeFileSync(join(folder, '.kscan/outputs.env'), forged)
        writeFileSync(join(folder, 'elsewhere/kscan-reports/junit.xml'), '<testsuites/>')
        symlinkSync('elsewhere', join(folder, 'kscan-artifact'))
      }
    })
    const { code, outputs, log, artifacts, folder } = ran.job('kscan')
    expect([code, outputs['KSCAN_OUT_RESULT'], outputs['KSCAN_OUT_CONTROLS_FAILED']]).toEqual([2, 'bad-input', ''])
    for (const part of ['no/such/profile: it does not exist', 'faild']) expect(log).toContain(part)
    expect(filesOf(artifacts).filter((name) => name.endsWith('junit.xml'))).toEqual([])
    expect(readdirSync(join(folder, 'elsewhere/kscan-reports'))).toEqual(['junit.xml']) // the link went, not what it led to
  })

  test('leaves no secret in its artifacts, which say so, and none in its log', async () => {
    const { code, log, artifacts } = (await pipeline([{ ...target, profile: 'test/fixtures/profiles/leaky', reports: FORMATS.join() }])).job('kscan')
    const key = 'MIIEvQIBADANBgkqhkiG9w0B'
    expect(code).toBe(1)
    const folder = join(artifacts, 'kscan-artifact/kscan-reports')
    const texts = new Map(filesOf(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
    expect([texts.size > 8, [...texts].filter(([, content]) => content.includes(key)).map(([name]) => name)]).toEqual([true, []])
    expect(texts.get('REDACTED.txt')).toContain('junit.xml: private key (')
    expect([log.includes('warning: secrets in'), log.includes(key)]).toEqual([true, false])
  })

  test('keeps no artifact of a project that everybody can see, and says why', async () => {
    const ran = await pipeline([met], { variables: { CI_PROJECT_VISIBILITY: 'public' } })
    const { code, artifacts, log, outputs } = ran.job('kscan')
    expect([code, outputs['KSCAN_OUT_ARTIFACT_URL']]).toEqual([0, ''])
    expect(filesOf(artifacts).filter((name) => name.startsWith('kscan-artifact'))).toEqual([])
    expect(log).toContain('no artifact: upload: auto leaves it out where the repository is not known to be private')
  })

  test("uses the caller's own rights, as through GitLab's agent", async () => {
    const { code, log } = (await pipeline([{ ...met, access: 'self' }])).job('kscan')
    expect([code, log]).toEqual([0, expect.stringContaining('access: self')])
  })
})

describe('a job that is ended', () => {
  const slow = { ...target, profile: 'test/fixtures/profiles/slow' }
  test.each<[string, NodeJS.Signals, number, RegExp]>([
    ['by GitLab undoes what it has made', 'SIGTERM', 130, /nothing to clean up/],
    ['at once is undone by its after_script', 'SIGKILL', 137, /removed rolebinding [^]*removed role [^]*removed serviceaccount /]
  ])('%s', async (_what, signal, code, after) => {
    const running = startPipeline([slow])
    await running.until('of 40 checks')
    process.kill(running.pid(), signal)
    const job = (await running.ended).job('kscan')
    expect([job.code, job.log.split('$ kscan cleanup')[1]]).toEqual([code, expect.stringMatching(after)])
    expect(globSync(join(running.folder, '.kscan/journal-*/*.jsonl'))).toEqual([])
    if (signal === 'SIGTERM') expect(job.outputs['KSCAN_OUT_RESULT']).toBe('interrupted')
  })
})

describe('what GitLab refuses before anything runs', () => {
  test.each<[string, Inputs, RegExp]>([
    ['a number that is none', { 'max-targets': 'many' }, /max-targets.*not a number/],
    ['a word that is no option', { approach: 'magic' }, /approach.*magic/],
    ['a job whose name would hide it', { 'job-name': '.hidden' }, /job-name.*match/],
    ['a folder of reports that is elsewhere', { 'reports-path': '../out' }, /reports-path.*match/],
    ['rules that are no list', { rules: 'always' }, /rules.*not a array/]
  ])('%s', async (_what, inputs, words) => {
    const ran = await pipeline([{ ...met, ...inputs }])
    expect([ran.code, ran.log]).toEqual([1, expect.stringMatching(words)])
    expect(ran.log).not.toContain('kscan scan')
  })
})

test('several includes of one pipeline have each their own jobs, reports and verdict', async () => {
  const [one, two] = [
    { ...met, 'job-name': 'one', 'reports-path': 'reports/one' },
    { ...violated, 'job-name': 'two', 'reports-path': 'reports/two', needs: ['one'] }
  ]
  const ran = await pipeline([one, two])
  expect([ran.job('one').code, ran.job('two').code]).toEqual([0, 1])
  expect(['one', 'two'].map((name) => ran.job(name).outputs['KSCAN_OUT_REPORTS_PATH'])).toEqual(['kscan-artifact/reports/one', 'kscan-artifact/reports/two'])
  expect(filesOf(ran.job('two').artifacts)).toContain('kscan-artifact/reports/two/junit.xml')
})

test('one job for each namespace of a matrix', async () => {
  const { namespace: _, ...rest } = { ...met, 'threshold-file': 'test/fixtures/thresholds/met.yaml' }
  const more = { kscan: { parallel: { matrix: [{ KSCAN_NAMESPACE: [NAMESPACE, 'no-such-namespace'] }] } } }
  const ran = await pipeline([rest], { more, args: ['--concurrency', '1'] })
  expect(ran.log).toMatch(new RegExp(`kscan: \\[${NAMESPACE}\\] +finished in [^F]*\\n`))
  expect(ran.log).toMatch(/kscan: \[no-such-namespace\] +finished in .*FAIL 4/)
})

describe("the component's own pipeline", () => {
  const stamp = { version: '0.1.0', image: `org/kscan:0.1.0@sha256:${'a'.repeat(64)}`, bundle: { url: 'https://x.example/kscan.tgz', sha256: 'b'.repeat(64) } }
  const fillIn = (project: string): void =>
    writeFileSync(
      join(project, 'templates/kscan.yml'),
      templateText(stamp, () => '')
    )
  const inScript = (project: string): void => {
    const path = join(project, 'templates/kscan.yml')
    writeFileSync(path, readFileSync(path, 'utf8').replace('- kscan scan', '- kscan scan --pod $[[ inputs.pod ]]'))
  }
  const ends = (ran: Pipeline, names: readonly string[]): unknown[] => names.map((name) => [name, ran.job(name).code])

  test('tests the component by itself', async () => {
    const ran = await pipeline()
    expect([ran.code, ...ends(ran, ['lint', 'self-test', 'verify', 'stamped', 'release'])]).toEqual([
      0,
      ['lint', 0],
      ['self-test', 2],
      ['verify', 0],
      ['stamped', undefined],
      ['release', undefined]
    ])
  })

  test('refuses a template with an input in a script', async () => {
    expect(ends(await pipeline(undefined, { prepare: inScript }), ['lint', 'self-test'])).toEqual([
      ['lint', 1],
      ['self-test', undefined]
    ])
  })

  test.each<[string, Record<string, string>, ((project: string) => void) | undefined, readonly unknown[]]>([
    [
      'does not release a template that no release has filled in',
      { CI_COMMIT_TAG: '0.1.0' },
      undefined,
      [
        ['stamped', 1],
        ['release', undefined]
      ]
    ],
    [
      'does not release one of another version',
      { CI_COMMIT_TAG: '0.1.1' },
      fillIn,
      [
        ['stamped', 1],
        ['release', undefined]
      ]
    ],
    [
      'does not release by a tag that is no version',
      { CI_COMMIT_TAG: 'v0.1.0' },
      fillIn,
      [
        ['stamped', 1],
        ['release', undefined]
      ]
    ],
    [
      'releases one that is',
      { CI_COMMIT_TAG: '0.1.0' },
      fillIn,
      [
        ['stamped', 0],
        ['release', 0]
      ]
    ]
  ])('%s', async (_what, variables, prepare, ended) => {
    const ran = await pipeline(undefined, { variables, ...(prepare === undefined ? {} : { prepare }) })
    expect(ends(ran, ['stamped', 'release'])).toEqual(ended)
  })
})

describe('with sarif: true', () => {
  test('a second job judges: the scan succeeds, so that GitLab reads its report', async () => {
    const ran = await pipeline([{ ...violated, sarif: true }])
    const [scan, gate] = [ran.job('kscan'), ran.job('kscan-gate')]
    expect([scan.code, gate.code, ran.code]).toEqual([0, 1, 1])
    expect(filesOf(scan.artifacts)).toContain('kscan-artifact/kscan-reports/results.sarif')
    expect(gate.log).toMatch(/violated: failed\.high\.max[^]*NOT COMPLIANT/)
  })

  test('it passes what passes', async () => {
    const ran = await pipeline([{ ...met, sarif: true }])
    expect([ran.job('kscan').code, ran.job('kscan-gate').code, ran.code]).toEqual([0, 0, 0])
  })

  test('what could not be judged fails in the scan', async () => {
    const ran = await pipeline([{ ...target, profile: 'test/fixtures/profiles/empty', sarif: true }])
    expect([ran.job('kscan').code, ran.job('kscan-gate').code, ran.code]).toEqual([3, undefined, 1])
  })

  test.each<[string, Inputs, object, RegExp]>([
    ['without the reports that the second job needs', { reports: 'junit,sarif' }, {}, /reports: expected hdf and sarif/],
    ['where nothing is uploaded', { upload: 'never' }, {}, /upload: expected always/],
    ['for a job in parallel', {}, { kscan: { parallel: 2 } }, /sarif: expected false for a job with parallel/]
  ])('nothing is scanned %s', async (_what, inputs, more, words) => {
    const ran = await pipeline([{ ...met, ...inputs, sarif: true }], { more })
    expect([ran.code, ran.log]).toEqual([1, expect.stringMatching(words)])
    expect(ran.log).not.toContain('Grant access')
  })
})

describe('the bundle', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-bundle-'))
  let server: GitServer
  let archive: Buffer
  let trusted: Record<string, string>
  beforeAll(async () => {
    execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { stdio: 'ignore' })
    archive = readFileSync(globSync(join(folder, '*.tgz'))[0] ?? '')
    const pair = makeCertificates()
    server = await startServer((request, response) => {
      if (request.url === '/cut') response.writeHead(200, { 'content-length': archive.length }).end(archive.subarray(0, 1000), () => response.destroy())
      else if (request.url === '/page') response.end('<html>Sign in</html>')
      else if (request.url?.startsWith('/kscan.tgz') === true) response.end(archive)
      else response.writeHead(404).end()
    }, pair)
    writeFileSync(join(folder, 'ca.pem'), pair.ca)
    trusted = { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') }
  })
  afterAll(async () => {
    await server.close()
    rmSync(folder, { recursive: true })
  })

  const bundled = (path: string, sha256 = createHash('sha256').update(archive).digest('hex')): Inputs => ({
    ...met,
    program: 'bundle',
    'bundle-url': `${server.url}${path}`,
    'bundle-sha256': sha256
  })

  test('is fetched, verified and run, for the clean-up too', async () => {
    const { code, log } = (await pipeline([bundled('/kscan.tgz?token=abc')], { variables: trusted })).job('kscan')
    expect([code, log]).toEqual([0, expect.stringMatching(/\$ node .kscan\/bundle\/package\/dist\/cli.js cleanup\n.*nothing to clean up/)])
  })

  test('judges in the second job', async () => {
    const ran = await pipeline([{ ...bundled('/kscan.tgz'), 'threshold-file': 'test/fixtures/thresholds/violated.yaml', sarif: true }], { variables: trusted })
    expect([ran.job('kscan').code, ran.job('kscan-gate').code]).toEqual([0, 1])
  })

  test.each<[string, string, string | undefined, number, RegExp]>([
    ['another than was pinned', '/kscan.tgz?token=abc', 'a'.repeat(64), 4, /is not the one that was pinned: expected SHA-256 a{64}, got [0-9a-f]{64}/],
    ['a page in its place', '/page', undefined, 4, /is not the one that was pinned/],
    ['none', '/nothing', undefined, 4, /could not be fetched from localhost:\d+: it answered 404/],
    ['one that breaks off', '/cut', undefined, 4, /could not be fetched from localhost:\d+: /],
    ['one without a digest', '/kscan.tgz', '', 2, /bundle-sha256: expected the SHA-256/]
  ])('does not run: %s', async (_what, path, sha256, code, words) => {
    const prepare = (project: string): void => {
      mkdirSync(join(project, '.kscan/bundle/package/dist'), { recursive: true })
      writeFileSync(join(project, '.kscan/bundle/package/dist/cli.js'), "console.log('somebody else')")
    }
    const { code: got, log } = (await pipeline([bundled(path, sha256)], { variables: trusted, prepare })).job('kscan')
    expect([got, log]).toEqual([code, expect.stringMatching(words)])
    expect([log.includes('token=abc'), log.includes('somebody else'), log.includes('Grant access')]).toEqual([false, false, false])
  })

  test('is not fetched over http, nor from a server that nobody trusts', async () => {
    const [plain, untrusted] = await Promise.all([
      pipeline([{ ...bundled('/kscan.tgz'), 'bundle-url': server.url.replace('https', 'http') }], { variables: trusted }),
      pipeline([bundled('/kscan.tgz')])
    ])
    expect([plain.job('kscan').code, plain.log]).toEqual([2, expect.stringContaining('bundle-url: expected an https address')])
    expect([untrusted.job('kscan').code, untrusted.log]).toEqual([4, expect.stringMatching(/could not be fetched from localhost:\d+: UNABLE_TO_VERIFY|CERT/)])
  })
})
