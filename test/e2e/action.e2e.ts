import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { FORMATS } from '../../src/config/config.ts'
import { OUTPUTS } from '../../src/config/outputs.ts'
import { act } from './act.ts'
import { KUBECONFIG, leftBehind, NAMESPACE } from './cluster.ts'
import { unzip } from './secrets.ts'

afterEach(async () => {
  expect(await leftBehind()).toEqual([])
})

const target = { kubeconfig: KUBECONFIG, namespace: NAMESPACE }

/** Outputs of what is not made unless it is asked for. */
const NOT_ASKED = ['new-failures', 'sarif-path', 'codequality-path', 'comment-path', 'csv-path', 'cklb-path', 'risk-acceptance-path', 'transcript-path']

describe('the action', () => {
  const pod = 'debian'

  test('succeeds when the threshold is met, with every output set and an artifact', async () => {
    const { outputs, log, artifacts } = await act({
      ...target,
      pod,
      profile: 'test/fixtures/profiles/resources',
      'waivers-file': `test/fixtures/waivers/${pod}.yaml`,
      'threshold-file': 'test/fixtures/thresholds/met.yaml',
      upload: 'always'
    })
    expect([outputs['outcome'], outputs['result'], log.includes('⭐ Run Post ./')]).toEqual(['success', 'passed', true])
    expect(Object.keys(OUTPUTS).filter((name) => outputs[name] === '')).toEqual(NOT_ASKED)
    expect([outputs['target-count'], outputs['leftovers'], outputs['approaches-used']]).toEqual(['1', '0', 'kubernetes-api'])
    expect(readdirSync(artifacts, { recursive: true }).join(' ')).toMatch(/kscan-scan-a1-.*\.zip/)
  })

  test('fails when it is violated, and says by which bound', async () => {
    const { outputs, log } = await act({
      ...target,
      pod,
      profile: 'test/fixtures/profiles/resources',
      'waivers-file': `test/fixtures/waivers/${pod}.yaml`,
      'threshold-file': 'test/fixtures/thresholds/violated.yaml'
    })
    expect([outputs['outcome'], outputs['result']]).toEqual(['failure', 'not-compliant'])
    expect(log).toMatch(/NOT COMPLIANT: \d+ bounds? violated/)
    expect(log.match(/❗  ::error/g)).toHaveLength(1)
    expect(log.match(/🚧  ::warning/g)?.length).toBeLessThanOrEqual(9)
  })
})

test('a private key that a check prints is in no artifact, which says so, and not in the log', async () => {
  const { outputs, log, artifacts } = await act({
    ...target,
    pod: 'debian',
    profile: 'test/fixtures/profiles/leaky',
    upload: 'always',
    reports: FORMATS.join()
  })
  const key = 'MIIEvQIBADANBgkqhkiG9w0B'
  const name = `hdf/${NAMESPACE}_debian_main.json`
  expect(outputs['result']).toBe('not-compliant')
  const [archive = '', ...more] = globSync('**/*.zip', { cwd: artifacts })
  expect(more).toEqual([])
  const texts = new Map(unzip(readFileSync(join(artifacts, archive))).map(([path, bytes]) => [path, bytes.toString()]))
  expect([...texts].filter(([, text]) => text.includes(key)).map(([path]) => path)).toEqual([])
  expect(texts.get(name)).toContain('[redacted by kscan: private key]')
  for (const format of ['junit.xml', 'results.sarif', 'codequality.json', 'summary.md', 'report.html', 'controls.csv'])
    expect([format, texts.get('REDACTED.txt')?.includes(`${format}: private key (`)]).toEqual([format, true])
  expect(texts.get('comment.md')).toContain('[redacted by kscan: private key]')
  expect(log).toContain(`warning: secrets in ${name}: private key (`)
  expect(log).not.toContain(key)
})

test('bad inputs are all named at once, and the result says so', async () => {
  const { outputs, log } = await act({ ...target, pod: 'debian', profile: './no/such/profile', 'max-targets': 'many', threshold: 'faild: {total: {max: 0}}' })
  expect([outputs['outcome'], outputs['result']]).toEqual(['failure', 'bad-input'])
  for (const part of ['max-targets: expected a whole number', 'no/such/profile: it does not exist', 'faild']) expect(log).toContain(part)
})
