import type { Stamp } from './stamp.ts'

/** An input of GitLab, as the head of a template has it. */
export interface Spec {
  readonly description: string
  readonly type: 'string' | 'number' | 'boolean' | 'array'
  readonly default: string | number | boolean | readonly unknown[]
  readonly options?: readonly string[]
  readonly regex?: string
}

const text = (description: string, standard: string, more: Partial<Spec> = {}): Spec => ({ description, type: 'string', default: standard, ...more })

/** Minutes and hours as GitLab reads them. */
const TIME = '^[0-9]+(m|h)( [0-9]+m)?$'

/** What the component has beside the inputs of a scan: keywords of its job, and where kscan comes from. */
export const jobInputs = ({ image, bundle }: Stamp): Readonly<Record<string, Spec>> => ({
  'job-name': text('Name of the job. Each include of one pipeline needs its own.', 'kscan', { regex: '^[A-Za-z0-9][A-Za-z0-9 _./-]{0,99}$' }),
  stage: text('Stage of the job.', 'test'),
  image: text('Image of the job: kscan with the auditor, or, for program: bundle, any with Node 24.5 or newer, Ruby 3.1 or newer and tar.', image),
  tags: {
    description: "Tags of the runner. Without any: those of the pipeline's default.",
    type: 'array',
    default: []
  },
  rules: {
    description: "Rules of the job, in GitLab's own form. Default: pipelines of branches and tags, as for a job without rules.",
    type: 'array',
    default: [{ if: '$CI_COMMIT_BRANCH || $CI_COMMIT_TAG' }]
  },
  needs: {
    description: "Jobs after which it starts, in GitLab's own form. Without any: when the stages before its own are done.",
    type: 'array',
    default: []
  },
  timeout: text('Timeout of the job, some minutes more than script-timeout, so that there is time to clean up.', '1h', { regex: TIME }),
  'script-timeout': text('How long the scan may take before the runner ends it.', '50m', { regex: TIME }),
  'resource-group': text('Resource group of the job: of those with the same, one runs at a time.', ''),
  'expire-in': text("How long GitLab keeps the job's artifacts.", '30 days', { regex: '^(never|[0-9]+ [a-z]+)$' }),
  sarif: {
    description:
      'true: the SARIF report becomes one of GitLab (18.11 or newer, Ultimate). GitLab takes it from jobs that succeed only, so that a second job, JOB-NAME-gate, judges the results and fails.',
    type: 'boolean',
    default: false
  },
  program: text('Where kscan comes from: the image of the job, or a bundle, which is fetched and verified.', 'image', { options: ['image', 'bundle'] }),
  'bundle-url': text("https address of the bundle, the npm package of a release; a mirror's where the job reaches no other.", bundle.url),
  'bundle-sha256': text('SHA-256 of the bundle. Another one is not run.', bundle.sha256, { regex: '^([0-9a-f]{64})?$' })
})
