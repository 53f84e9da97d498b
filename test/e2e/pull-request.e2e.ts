import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { FORMATS } from '../../src/config/config.ts'
import { kscan, type Ran } from './cli.ts'
import { kubectl, NAMESPACE } from './cluster.ts'
import { runExample, type Surroundings } from './example.ts'
import { apply, inOwn, kubeconfigOf } from './example-cluster.ts'

const EXAMPLE = 'examples/pull-request'
const folder = mkdtempSync(join(tmpdir(), 'kscan-pull-request-'))

const Step = z.looseObject({ uses: z.string().optional(), with: z.record(z.string(), z.unknown()).optional() })
const Workflow = z.looseObject({ jobs: z.looseObject({ scan: z.looseObject({ steps: z.array(Step) }) }) })

/** Given by the test, or nothing for a command line. */
const OF_THE_JOB = new Set(['namespace', 'upload'])

/** The flags that the workflow gives as inputs; an expression is for the CI system. */
const flags = ((): string[] => {
  const { steps } = Workflow.parse(parse(readFileSync(join(EXAMPLE, 'compliance.yml'), 'utf8'))).jobs.scan
  const given = Object.entries(steps.find(({ uses }) => uses?.startsWith('org/kscan-action') === true)?.with ?? {})
  return given.flatMap(([name, value]) => (String(value).includes('${{') || OF_THE_JOB.has(name) ? [] : [`--${name}`, String(value)]))
})()

/** The application with this command, on the image that the node has. */
const applicationWith = (command: string): string =>
  readFileSync(join(EXAMPLE, 'app.yaml'), 'utf8')
    .replace('docker.io/library/alpine:3.22', 'test.local/debian:1\n          imagePullPolicy: Never')
    .replace('exec sleep', `${command}exec sleep`)

const deploy = async (command: string): Promise<void> => {
  const file = join(folder, 'app.yaml')
  writeFileSync(file, applicationWith(command))
  await kubectl('apply', '-n', NAMESPACE, '-f', file)
  await kubectl('rollout', 'status', '-n', NAMESPACE, 'deployment/web', '--timeout=90s')
}

const scan = (...more: readonly string[]): Promise<Ran> => kscan(['scan', '--namespace', NAMESPACE, ...flags, ...more], { folder })

let main: Ran
let change: Ran
beforeAll(async () => {
  await deploy('chmod 666 /etc/host.conf; ')
  main = await scan('--enforce', 'false')
  renameSync(join(folder, 'kscan-reports'), join(folder, 'baseline'))
  await deploy('chmod 666 /etc/host.conf /etc/passwd; ')
  change = await scan('--baseline-file', 'baseline/run.json')
}, 240_000)
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await kubectl('delete', '-n', NAMESPACE, 'deployment/web', '--ignore-not-found')
}, 60_000)

/** What differs from run to run. */
const steady = (text: string): string =>
  text
    .replace(/(the run |kscan-)[a-z0-9]{10}\b/g, '$1RUN')
    .replace(/^\| (Run|Cluster|Image of .*?) \| .*$/gm, '| $1 |')
    .replace(/ of \d{4}-\d\d-\d\d/g, ' of DAY')
    .replace(/(SHA-256) [0-9a-f]{64}/g, '$1 DIGEST')
    .replaceAll(NAMESPACE, 'shop')
    .replace(/web-[a-z0-9]+-[a-z0-9]{5}/g, 'web-POD')
    .replace(/\bv1\.\d+\.\d+\S*/g, 'v1.N')

describe('the example of a pull request', () => {
  test('on main failures are recorded, and do not stop', () => {
    expect([main.code, main.stdout]).toEqual([0, expect.stringMatching(/violated bounds:\n.*failed\.total\.max/)])
  })

  test('a change is stopped by what it makes worse, and by nothing else', () => {
    expect([change.code, change.stdout]).toEqual([1, expect.stringContaining('1 worse, 0 fixed, 13 still failing')])
    expect(change.stdout).toMatch(/baseline of .*: expected no control worse than in the run \w+ of [-0-9]+, got 1 worse\s+\(kb-24\)/)
  })

  test('the comment is the one that the example shows', () => {
    const comment = readFileSync(join(folder, 'kscan-reports', 'comment.md'), 'utf8')
    expect(steady(comment)).toBe(steady(readFileSync(join(EXAMPLE, 'comment.md'), 'utf8')))
  })

  test('its reports are made again later, byte by byte', async () => {
    const ran = await kscan(['report', '--reports', FORMATS.join(), '--reports-path', 'again', 'kscan-reports/hdf/*.json'], { folder })
    expect(ran.code).toBe(0)
    // each tells of its own folder, and only the first has the auditor's output
    const record = (place: string): unknown => ({ ...JSON.parse(readFileSync(join(folder, place, 'run.json'), 'utf8')), files: undefined })
    expect(record('again')).toEqual(record('kscan-reports'))
    for (const name of ['report.html', 'junit.xml', 'summary.md', 'comment.md', `hdf/${NAMESPACE}_web_app.json`])
      expect([name, readFileSync(join(folder, 'again', name)).equals(readFileSync(join(folder, 'kscan-reports', name)))]).toEqual([name, true])
  })
})

/** GitHub's command line, as far as the workflow asks it: main's last run, its artifact, a comment. */
const GH = `case "$*" in
"run list --workflow compliance.yml --branch main --event push --status success --limit 1 --json databaseId --jq .[0].databaseId // empty") echo 4711 ;;
"run download 4711 --name compliance-main --dir baseline") cp -r "$KEPT" baseline ;;
"pr comment 7 --body-file "*" --edit-last --create-if-none") cp "$5" "$FOLDER/comment.md" ;;
*) echo "unexpected: gh $*" >&2; exit 1 ;;
esac
test -n "$GH_TOKEN"
`
const REPOSITORY = { full_name: 'org/shop', private: true }

test('the whole workflow records what main has, and comments on a change that makes it worse', async () => {
  const namespace = `${NAMESPACE}-changes`
  apply(stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }))
  const surroundings = (command: string): Surroundings => ({
    secrets: { TEST_KUBECONFIG: kubeconfigOf(undefined, ['prod']), GITHUB_TOKEN: 'a-token' },
    programs: { gh: GH },
    env: { KEPT: join(folder, 'kept') },
    files: { 'app.yaml': applicationWith(command) },
    change: (text) => inOwn(text).replaceAll(`${NAMESPACE}-shop`, namespace)
  })
  const pushed = await runExample(join(EXAMPLE, 'compliance.yml'), surroundings('true; '))
  expect([pushed.code, [...pushed.artifacts.keys()], pushed.log]).toEqual([0, ['compliance-main'], expect.stringContaining('Job succeeded')])
  for (const [path, text] of pushed.artifacts.get('compliance-main') ?? []) {
    mkdirSync(dirname(join(folder, 'kept', path)), { recursive: true })
    writeFileSync(join(folder, 'kept', path), text)
  }
  const payload = { number: 7, repository: REPOSITORY, pull_request: { number: 7, head: { repo: REPOSITORY }, base: { repo: REPOSITORY } } }
  const changed = await runExample(join(EXAMPLE, 'compliance.yml'), { ...surroundings('chmod 666 /etc/passwd; '), event: 'pull_request', payload })
  expect([changed.code, readFileSync(join(changed.folder, 'comment.md'), 'utf8')]).toEqual([1, expect.stringContaining('| kb-24 | passed | failed |')])
})
