import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { FORMATS } from '../../src/config/config.ts'
import { DOTENV_NAMES } from '../../src/host/gitlab.ts'
import { act } from './act.ts'
import { KUBECONFIG, leftBehind, NAMESPACE } from './cluster.ts'
import { type Inputs, pipeline } from './gitlab.ts'
import { unzip } from './secrets.ts'

afterEach(async () => {
  expect(await leftBehind()).toEqual([])
})

/** What a face left for its user: each output, and each file of the artifact, once what differs from run to run is masked. */
interface Left {
  readonly outputs: Readonly<Record<string, string>>
  readonly files: ReadonlyMap<string, string>
}

const target = { kubeconfig: KUBECONFIG, namespace: NAMESPACE }
const all = { ...target, reports: FORMATS.join(), upload: 'always', profile: 'test/fixtures/profiles/resources' }
const waived = { ...all, pod: 'debian', 'waivers-file': 'test/fixtures/waivers/debian.yaml' }

/** The cases, with inputs as users write them. */
const CASES: Readonly<Record<string, { readonly inputs: Inputs; readonly result: string; readonly files: boolean }>> = {
  'a threshold that is met': { inputs: { ...waived, 'threshold-file': 'test/fixtures/thresholds/met.yaml' }, result: 'passed', files: true },
  'one that is violated': {
    inputs: { ...waived, 'threshold-file': 'test/fixtures/thresholds/violated.yaml', 'max-targets': 5 },
    result: 'not-compliant',
    files: true
  },
  'one of several lines, and one that is not enforced': {
    inputs: { ...waived, threshold: 'failed:\n  total:\n    max: 1 # "one"\nerror: { total: { max: 0 } }\n', enforce: false },
    result: 'not-compliant',
    files: true
  },
  'several containers with different answers': {
    inputs: { ...all, workload: 'deployment/pair', 'exclude-containers': 'proxy', 'max-unjudged': 100, transcript: 'hashes' },
    result: 'not-compliant',
    files: true
  },
  'controls by a regular expression': { inputs: { ...waived, controls: '/^app-\\w+-mode$/\nnot-as-root' }, result: 'not-compliant', files: true },
  'a secret that a check prints': { inputs: { ...all, pod: 'debian', profile: 'test/fixtures/profiles/leaky' }, result: 'not-compliant', files: true },
  "the caller's own rights": {
    inputs: { ...waived, access: 'self', 'threshold-file': 'test/fixtures/thresholds/met.yaml' },
    result: 'passed',
    files: true
  },
  'a profile without controls': { inputs: { ...all, pod: 'debian', profile: 'test/fixtures/profiles/empty' }, result: 'unjudged', files: true },
  'inputs that are wrong': { inputs: { ...waived, selector: 'a=b', threshold: 'faild: 1' }, result: 'bad-input', files: false },
  'a pod that is not there': { inputs: { ...waived, pod: 'no-such-pod' }, result: 'scan-failed', files: false }
}

/** Times, and where each system has checked out the project. */
const MASKS: readonly (readonly [RegExp, string])[] = [
  [/(?<=\d:)&#8203;(?=\d)/g, ''], // Markdown's times, which are no links
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z| ?UTC|[+-]\d\d:\d\d)?/g, 'TIME'],
  [/("(?:run_time|duration|milliseconds|seconds)": ?)[\d.e-]+/g, '$1N'],
  [/ time="[\d.]+"/g, ' time="N"'],
  [/(<dt>held<\/dt><dd>|"held": ?|The rights were held for )[\d.]+/g, '$1N'],
  [/(Exit \d+ after )\d+ ms|( commands in )[\d.]+ m?s/g, '$1$2N'],
  [/\/[^" ]*\/(?:hostexecutor|kscan-gitlab-\w{6})\/(?=test\/fixtures\/)/g, 'PROJECT/']
]

/** The id of the run is in its record, and in names of what it made. */
const masked = (text: string, run: string): string => {
  const named = run === '' ? text : text.replaceAll(run, 'RUN')
  return MASKS.reduce((before, [pattern, mask]) => before.replace(pattern, mask), named)
}

/** Some commands, as ps, print times. */
const maskedTranscript = (text: string): string => text.replace(/("sha256": ?")[0-9a-f]{64}/g, '$1DIGEST')

/** Of its own record also how long each part took, and the digests of files that hold times. */
const maskedRecord = (text: string): string =>
  JSON.stringify(
    JSON.parse(text, (key, value: unknown) => {
      if (key === 'timings') return Object.keys(value as object)
      return key === 'files' ? (value as readonly { path: string }[]).map(({ path }) => path) : value
    }),
    null,
    2
  )

const leftOf = (outputs: Readonly<Record<string, string>>, files: ReadonlyMap<string, string>): Left => {
  const { run = '' } = JSON.parse(files.get('run.json') ?? '{}') as { run?: string }
  const own = (name: string, text: string): string =>
    name === 'run.json' ? maskedRecord(text) : name.startsWith('transcript/') ? maskedTranscript(text) : text
  return { outputs, files: new Map([...files].map(([name, text]) => [name, masked(own(name, text), run)])) }
}

const byAction = async (inputs: Inputs): Promise<Left> => {
  const { outputs, artifacts } = await act(Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, String(value)])))
  const archives = globSync('**/*.zip', { cwd: artifacts })
  const files = archives.flatMap((archive) => unzip(readFileSync(join(artifacts, archive))).map(([name, bytes]) => [name, bytes.toString()] as const))
  return leftOf(Object.fromEntries(COMPARED.map((name) => [name, outputs[name] ?? ''])), new Map(files))
}

const byComponent = async (inputs: Inputs): Promise<Left> => {
  const { outputs, artifacts } = (await pipeline([inputs])).job('kscan')
  const folder = join(artifacts, 'kscan-artifact/kscan-reports')
  const names = globSync('**/*', { cwd: folder, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name).slice(folder.length + 1)] : []
  )
  const given = COMPARED.map((name) => [name, outputs[`KSCAN_OUT_${name.toUpperCase().replaceAll('-', '_')}`] ?? ''] as const)
  return leftOf(Object.fromEntries(given), new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')])))
}

/** Paths and addresses are of the one system or the other. */
const COMPARED = DOTENV_NAMES.filter((name) => !name.endsWith('-path') && !name.endsWith('-url'))

describe('the action and the component leave the same', () => {
  test.each(Object.entries(CASES))('for %s', async (_name, { inputs, result, files }) => {
    const [action, component] = await Promise.all([byAction(inputs), byComponent(inputs)])
    expect([action.outputs['result'], component.outputs]).toEqual([result, action.outputs])
    expect([action.files.size >= FORMATS.length - 1, [...component.files.keys()].toSorted()]).toEqual([files, [...action.files.keys()].toSorted()])
    for (const [name, text] of action.files) expect([name, component.files.get(name)]).toEqual([name, text])
  })
})
