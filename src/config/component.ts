import { REPORTS_PATH } from './inputs-of-results.ts'
import type { Input } from './input.ts'
import { inputsOf } from './inputs.ts'

/** Inputs of a scan that the GitLab component does not have, each with what does their work there. */
export const NOT_IN_COMPONENT: Readonly<Record<string, string>> = {
  'git-token': 'Whoever sees a pipeline can read its inputs: it is the masked variable KSCAN_GIT_TOKEN of the project.',
  'artifact-name': 'The archive is called as the job is: job-name.',
  'retention-days': 'GitLab counts in its own words: expire-in.',
  summary: 'A job of GitLab has no page for it: the log ends with the verdict, and the Markdown report is among the artifacts.',
  annotations: 'A job of GitLab has none beside its log: the links to the reports are always made.'
}

/** Outputs of the action that the component does not pass on, each with its reason: GitLab takes no more than twenty from a job. */
export const NOT_IN_DOTENV: Readonly<Record<string, string>> = {
  'artifact-id': 'The artifact is that of the job.',
  'artifact-digest': 'GitLab makes the archive.',
  ...Object.fromEntries(
    ['junit', 'sarif', 'codequality', 'summary', 'comment', 'html', 'csv', 'cklb', 'risk-acceptance', 'transcript'].map((each) => [
      `${each}-path`,
      'It has a fixed name in reports-path.'
    ])
  )
}

/** Inputs that hold names of Kubernetes or of images: GitLab puts in what its own variables say, as in `$CI_REGISTRY_IMAGE:$CI_COMMIT_SHA`. */
export const EXPANDED: ReadonlySet<string> = new Set(['namespace', 'pod', 'workload', 'target-image', 'helper-image', 'scan-namespace'])

/** The inputs that the component shares with the action. */
export const COMPONENT_INPUTS: readonly Input[] = inputsOf('scan').filter(({ name }) => !Object.hasOwn(NOT_IN_COMPONENT, name))

/** What the component needs a value for, of its own: GitLab reads three of these reports, and no token is for nobody. */
const OWN_DEFAULTS: Readonly<Record<string, string>> = {
  reports: 'hdf,junit,codequality,sarif,markdown,html,run.json',
  'reports-path': REPORTS_PATH,
  'oidc-audience': 'kscan'
}

/**
 * What the component passes on where its user said nothing; undefined: nothing. Inputs of GitLab that are numbers or booleans always have a value, so that kscan
 * cannot tell who gave it.
 */
export const componentDefault = ({ name, type, default: standard }: Input): string | undefined =>
  type.kind === 'boolean' || type.kind === 'count' ? standard : OWN_DEFAULTS[name]

/** Set by the component in its jobs: its version, and whether a job of its own judges. No input is called so. */
export const COMPONENT_VARIABLE = 'KSCAN_JOB_COMPONENT'
export const SARIF_VARIABLE = 'KSCAN_JOB_SARIF'
