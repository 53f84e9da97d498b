import { readFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { COMPONENT_INPUTS, COMPONENT_VARIABLE, componentDefault, EXPANDED, SARIF_VARIABLE } from '../../src/config/component.ts'
import type { Input } from '../../src/config/input.ts'
import { variableOf } from '../../src/config/inputs.ts'
import { GITLAB_VARIABLE } from '../../src/kernel/identity.ts'
import { ARTIFACT_FOLDER, DOTENV_FILE, LINKS_FILE } from '../../src/host/gitlab.ts'
import { jobInputs, type Spec } from './job-inputs.ts'
import { isPinned, type Stamp } from './stamp.ts'

/** The template of the GitLab component: its inputs are those of the action, and those of `jobInputs`. `tell` gives the values that an input takes, in words. */
export const templateText = (stamp: Stamp, tell: (input: Input) => string): string => {
  const inputs = { ...jobInputs(stamp), ...Object.fromEntries(COMPONENT_INPUTS.map((input) => [input.name, specOf(input, tell)])) }
  const head = stringify({ spec: { inputs } }, LAYOUT)
  return `${heading(stamp)}${head}---\n${stringify(jobs(stamp), LAYOUT)}`
}

const LAYOUT = { lineWidth: 0, aliasDuplicateObjects: false }

const heading = (stamp: Stamp): string =>
  `# Made by scripts/tables.ts from src/config and scripts/gitlab: change it there.\n${
    isPinned(stamp) ? '' : '# Not released: nothing is published yet. A release puts the digests of its image and of its bundle in here.\n'
  }`

const specOf = (input: Input, tell: (input: Input) => string): Spec => {
  const standard = componentDefault(input)
  const told = `${input.text}${tell(input)}${standard === undefined && input.default !== '' ? ` Default: ${input.default}.` : ''}`
  const description =
    input.secret === true ? `${told} Not for secrets, which whoever sees the pipeline could read: these are the variable ${variableOf(input.name)}.` : told
  switch (input.type.kind) {
    case 'boolean':
      return { description, type: 'boolean', default: standard === 'true' }
    case 'count':
      return { description, type: 'number', default: Number(standard) }
    case 'choice':
      return { description, type: 'string', default: standard ?? '', options: ['', ...input.type.of] }
    case 'duration':
      return { description, type: 'string', default: '', regex: '^([0-9]+[smh])?$' }
    case 'text':
    case 'yaml':
    case 'list':
      return { description, type: 'string', default: standard ?? '', ...(input.name === 'reports-path' ? { regex: BELOW } : {}) }
  }
}

/** The artifacts of a job lie below the project's folder. */
const BELOW = '^[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$'

const of = (name: string): string => `$[[ inputs.${name} ]]`

interface Variable {
  readonly value: string
  readonly expand: false
}

/** GitLab must not look for variables in what users wrote. What is no text becomes one by the blank beside it, which counts for nothing. */
const variable = ({ name, type }: Input): [string, Variable] => {
  const block = EXPANDED.has(name) ? `$[[ inputs.${name} | expand_vars ]]` : of(name)
  return [variableOf(name), { value: type.kind === 'boolean' || type.kind === 'count' ? `${block} ` : block, expand: false }]
}

const variablesOf = (inputs: readonly Input[]): Record<string, Variable> => Object.fromEntries(inputs.map(variable))

const SCAN_INPUTS = COMPONENT_INPUTS.filter(({ name }) => name !== 'enforce')
const ENFORCE = COMPONENT_INPUTS.filter(({ name }) => name === 'enforce')
const JUDGE_INPUTS = COMPONENT_INPUTS.filter(({ verbs }) => verbs.includes('judge'))

/** Names of hidden jobs are those of all jobs of a pipeline: with the job's own in them they are nobody else's. */
const hidden = (part: string): string => `.${of('job-name')} ${part}`

/**
 * A keyword that an empty list would change or make invalid, only where there is something in it: of two hidden jobs with the same name the last counts, and the
 * name has the list in it as text. An empty one is `[]` there, and for gitlab-ci-local nothing.
 */
const optional = (keyword: 'tags' | 'needs'): Record<string, object> => ({
  [hidden(`${keyword} ${of(keyword)}`)]: { [keyword]: of(keyword) },
  [hidden(`${keyword} []`)]: NOTHING,
  [hidden(`${keyword} `)]: NOTHING
})

const NOTHING = { interruptible: true }

const BUNDLED = 'node .kscan/bundle/package/dist/cli.js'
const FETCH = 'NODE_USE_ENV_PROXY=1 node --input-type=module --eval "$KSCAN_JOB_FETCH"'
const JUDGE = 'judge "$KSCAN_JOB_HDF"'

const fetchVariables = (): Record<string, Variable> => ({
  KSCAN_JOB_BUNDLE_URL: { value: of('bundle-url'), expand: false },
  KSCAN_JOB_BUNDLE_SHA256: { value: of('bundle-sha256'), expand: false },
  KSCAN_JOB_FETCH: { value: readFileSync('scripts/gitlab/fetch.mjs', 'utf8'), expand: false }
})

const folder = `${ARTIFACT_FOLDER}/${of('reports-path')}`

const programs = (): Record<string, object> => ({
  [hidden('scan by image')]: { script: ['kscan scan'], after_script: ['kscan cleanup'] },
  [hidden('bundle')]: { variables: fetchVariables() },
  [hidden('scan by bundle')]: { extends: hidden('bundle'), script: [FETCH, `${BUNDLED} scan`], after_script: [`${BUNDLED} cleanup`] },
  [hidden('gate by image')]: { script: [`kscan ${JUDGE}`] },
  [hidden('gate by bundle')]: { extends: hidden('bundle'), script: [FETCH, `${BUNDLED} ${JUDGE}`] }
})

const sarif = (): Record<string, object> => ({
  [hidden('sarif false')]: { variables: variablesOf(ENFORCE) },
  [hidden('sarif true')]: {
    variables: { [variableOf('enforce')]: 'false', [SARIF_VARIABLE]: 'true' },
    artifacts: { reports: { sarif: `${folder}/results.sarif` } }
  }
})

/** A job has an identity token only if it signs in by that. */
const identity = (): Record<string, object> => ({
  [hidden(`identity ${of('identity')}`)]: NOTHING,
  [hidden('identity gitlab-oidc')]: { id_tokens: { [GITLAB_VARIABLE]: { aud: of('oidc-audience') } } }
})

const jobs = ({ version }: Stamp): Record<string, object> => ({
  ...programs(),
  ...sarif(),
  ...identity(),
  ...optional('tags'),
  ...optional('needs'),
  [of('job-name')]: {
    extends: [`scan by ${of('program')}`, `sarif ${of('sarif')}`, `identity ${of('identity')}`, `tags ${of('tags')}`, `needs ${of('needs')}`].map(hidden),
    ...keywords(),
    rules: of('rules'),
    resource_group: of('resource-group'),
    variables: { ...runner(version), ...variablesOf(SCAN_INPUTS) },
    artifacts: {
      name: of('job-name'),
      when: 'always',
      expire_in: of('expire-in'),
      access: 'developer',
      paths: [`${folder}/`],
      reports: { junit: `${folder}/junit.xml`, codequality: `${folder}/codequality.json`, dotenv: DOTENV_FILE, annotations: LINKS_FILE }
    }
  },
  [`${of('job-name')}-gate`]: {
    extends: [`gate by ${of('program')}`, `tags ${of('tags')}`].map(hidden),
    ...keywords(),
    needs: [{ job: of('job-name'), artifacts: true }],
    rules: [{ if: `"${of('sarif')}" == "false"`, when: 'never' }, of('rules')],
    variables: { ...runner(version), KSCAN_JOB_HDF: `${folder}/hdf/*.json`, ...variablesOf(JUDGE_INPUTS) }
  }
})

const keywords = (): object => ({
  stage: of('stage'),
  image: of('image'),
  timeout: of('timeout'),
  interruptible: true,
  retry: { max: 1, when: ['runner_system_failure'] }
})

/** The runner keeps time for the script that cleans up only if both are told. */
const runner = (version: string): Record<string, string> => ({
  RUNNER_SCRIPT_TIMEOUT: of('script-timeout'),
  RUNNER_AFTER_SCRIPT_TIMEOUT: '5m',
  [COMPONENT_VARIABLE]: version
})
