import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import { hdfOf, type HdfReport, kscan, TOOLS, wordsOf } from './cli.ts'
import { NAMESPACE } from './cluster.ts'

const exec = promisify(execFile)

/** Profiles of others, as PATH or PATH@POD: none are in this repository. */
const WILD = (process.env['KSCAN_E2E_PROFILES'] ?? '').split(':').filter((path) => path !== '')
const PROFILES = ['test/fixtures/profiles/resources', ...WILD].map((word) => {
  const [path = '', pod = 'debian'] = word.split('@')
  return { profile: resolve(path), pod }
})

/** The auditor that a scan has installed, and the yardstick's results: one `kubectl exec` for each command. */
const truth = async (folder: string, { profile, pod }: { profile: string; pod: string }): Promise<HdfReport> => {
  const tools = join(TOOLS, 'kscan', 'auditor')
  const installed = readdirSync(tools).find((name) => /^5\.\d+\.\d+-.*-[0-9a-f]{8}$/.test(name))
  const auditor = ['ruby', '--disable-did_you_mean', '--disable-error_highlight', resolve('dist/plugin/auditor.rb'), join(tools, installed ?? 'none')].join(' ')
  const out = join(folder, 'truth.json')
  await exec('test/support/kubectl-transport/bin/truth', [`${NAMESPACE}/${pod}/main`, profile, out], {
    env: { ...process.env, AUDITOR: auditor, KUBECONFIG: process.env['KSCAN_E2E_KUBECONFIG'] ?? '' }
  }).catch((error: unknown) => {
    // failed controls are exit 100: what counts is the report
    if (!(typeof error === 'object' && error !== null && 'code' in error && (error.code === 100 || error.code === 101))) throw error
  })
  return JSON.parse(readFileSync(out, 'utf8')) as HdfReport
}

/** Without what differs between two runs of one auditor: its own ids of checks outside of controls, and addresses of Ruby's objects. */
const comparable = (report: HdfReport): [control: string, results: unknown][] =>
  Object.entries(wordsOf(report)).map(([control, results]) => [
    control.replace(/\(generated from (?:\S*\/)?(\S+:\d+) \S+\)/, '(generated from $1)'),
    JSON.parse(JSON.stringify(results).replaceAll(/0x[0-9a-f]{16}/g, '0x…'))
  ])

describe.each(PROFILES)('the profile $profile on the pod $pod', ({ profile, pod }) => {
  test('gives the same results as with one kubectl exec for each command', async () => {
    const ran = await kscan([
      'scan',
      '--namespace',
      NAMESPACE,
      '--pod',
      pod,
      '--profile',
      profile,
      '--container-detection',
      'native',
      '--threshold',
      'failed: {total: {max: 1000}}',
      '--max-unjudged',
      '1000'
    ])
    const [report] = hdfOf(ran).values()
    expect(report).toBeDefined()
    if (report !== undefined) expect(comparable(report)).toEqual(comparable(await truth(ran.folder, { profile, pod })))
  })
})
