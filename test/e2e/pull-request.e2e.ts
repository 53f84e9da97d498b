import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { z } from 'zod'
import { FORMATS } from '../../src/config/config.ts'
import { kscan, type Ran } from './cli.ts'
import { kubectl, NAMESPACE } from './cluster.ts'

const EXAMPLE = 'examples/pull-request'
const folder = mkdtempSync(join(tmpdir(), 'kscan-pull-request-'))

const Step = z.looseObject({ uses: z.string().optional(), with: z.record(z.string(), z.unknown()).optional() })
const Workflow = z.looseObject({ jobs: z.looseObject({ scan: z.looseObject({ steps: z.array(Step) }) }) })

/** The flags that the workflow gives as inputs; an expression is for the CI system. */
const flags = ((): string[] => {
  const { steps } = Workflow.parse(parse(readFileSync(join(EXAMPLE, 'compliance.yml'), 'utf8'))).jobs.scan
  const given = Object.entries(steps.find(({ uses }) => uses?.startsWith('org/kscan-action') === true)?.with ?? {})
  return given.flatMap(([name, value]) => (String(value).includes('${{') || name === 'namespace' ? [] : [`--${name}`, String(value)]))
})()

/** Deploys the application with this command on the image that the node has. */
const deploy = async (command: string): Promise<void> => {
  const text = readFileSync(join(EXAMPLE, 'app.yaml'), 'utf8')
    .replace('docker.io/library/alpine:3.22', 'test.local/debian:1\n          imagePullPolicy: Never')
    .replace('exec sleep', `${command}exec sleep`)
  const file = join(folder, 'app.yaml')
  writeFileSync(file, text)
  await kubectl('apply', '-n', NAMESPACE, '-f', file)
  await kubectl('rollout', 'status', '-n', NAMESPACE, 'deployment/web', '--timeout=90s')
}

const scan = (...more: readonly string[]): Promise<Ran> => kscan(['scan', '--namespace', NAMESPACE, ...flags, ...more], { folder })

let main: Ran
let change: Ran
beforeAll(async () => {
  cpSync('examples/first-profile', join(folder, 'profile'), { recursive: true })
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
    .replaceAll(NAMESPACE, 'shop')
    .replace(/web-[a-z0-9]+-[a-z0-9]{5}/g, 'web-POD')
    .replace(/\bv1\.\d+\.\d+\S*/g, 'v1.N')

describe('the example of a pull request', () => {
  test('on main failures are recorded, and do not stop', () => {
    expect([main.code, main.stdout]).toEqual([0, expect.stringMatching(/violated bounds:\n.*failed\.total\.max/)])
  })

  test('a change is stopped by what it makes worse, and by nothing else', () => {
    expect([change.code, change.stdout]).toEqual([1, expect.stringContaining('1 worse, 0 fixed, 1 still failing')])
    expect(change.stdout).toMatch(/baseline of .*: expected no control worse than in the run \w+ of [-0-9]+, got 1 worse\s+\(accounts-2\)/)
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

  test('actionlint accepts the workflow', async () => {
    await promisify(execFile)('actionlint', ['-shellcheck=', join(EXAMPLE, 'compliance.yml')])
  })
})
