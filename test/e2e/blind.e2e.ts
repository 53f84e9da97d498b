import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { kscan, type Ran, unjudged } from './cli.ts'
import { NAMESPACE, removePod, startPod, untilReady } from './cluster.ts'

const fixture = (name: string): string => resolve('test/fixtures/profiles', name)
/** No bound could fail: only what was not seen can. */
const GREEN = ['--threshold', 'compliance: {min: 0}', '--command-timeout', '2s', '--container-detection', 'native']

beforeAll(async () => {
  await startPod('nonroot', { securityContext: { runAsUser: 12345 } })
  await untilReady('nonroot')
})
afterAll(() => removePod('nonroot'))

const scan = (profile: string, ...more: string[]): Promise<Ran> =>
  kscan(['scan', '--namespace', NAMESPACE, '--pod', 'nonroot', '--profile', fixture(profile), ...GREEN, ...more])

const BLIND = [
  'body',
  'command',
  'from-input',
  'hidden',
  'in-a-shell',
  'language',
  'library',
  'not-applicable',
  'pipe',
  'pipe-again',
  'port',
  'skipped',
  'substitution',
  'timeout',
  'two-lines',
  'unreadable',
  'unreadable-file',
  'unreadable-folder',
  'unsearchable'
]

/** Two that ask the same are in two halves: each has to ask for itself. */
const HALVES = [0, 1].map((half) => BLIND.filter((_control, index) => index % 2 === half))

test.each(HALVES.map((controls) => [controls] as const))(
  'of the controls %j, which have not seen what they asked for, none makes a run pass, nor does the first alone',
  async (controls) => {
    const ran = await scan('blind', '--controls', `${controls.join()},seen`)
    expect([ran.code, unjudged(ran)]).toEqual([3, controls])
    const [one = ''] = controls
    const alone = await scan('blind', '--controls', `${one},seen`)
    expect([alone.code, unjudged(alone)]).toEqual([3, [one]])
  }
)

test('of a whole profile exactly those are unjudged that have not seen', async () => {
  const ran = await scan('blind')
  expect([ran.code, unjudged(ran).filter((id) => id !== 'which')]).toEqual([3, BLIND])
})

test('code beside controls counts for those of its file; judging the files again says the same', async () => {
  const ran = await scan('blind-file')
  expect([ran.code, unjudged(ran)]).toEqual([3, ['beside']])
  const judged = await kscan(['judge', '--threshold', 'compliance: {min: 0}', join(ran.folder, 'kscan-reports', 'hdf', `${NAMESPACE}_nonroot_nonroot.json`)])
  expect([judged.code, judged.stdout]).toEqual([3, expect.stringContaining('UNJUDGED')])
})

test('a file of controls that is a profile by itself asks for all of them', async () => {
  const ran = await scan('blind-file/controls/beside.rb')
  expect([ran.code, unjudged(ran)]).toEqual([3, ['beside']])
})

test('an id that no control has, and inputs in the place of waivers, make no green', async () => {
  const first = ['scan', '--namespace', NAMESPACE, '--pod', 'debian', '--profile', resolve('test/fixtures/profiles/first')]
  const missing = await kscan([...first, '--controls', 'accounts-1,acounts-2'])
  expect([missing.code, missing.stderr]).toEqual([
    2,
    expect.stringContaining('controls: expected ids of the profiles; got "acounts-2". Did you mean accounts-2?')
  ])
  const inputs = await kscan(first, { env: { KSCAN_PROFILE_INPUTS: 'files-1: {run: false}' } })
  expect([inputs.code, inputs.stdout]).toEqual([1, expect.stringContaining('files-1')])
})
