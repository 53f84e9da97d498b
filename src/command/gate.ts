import { SARIF_VARIABLE } from '../config/component.ts'
import type { Config } from '../config/config.ts'
import type { Host } from '../host/host.ts'
import { badInput, type Problem } from '../kernel/error.ts'

/** The third that it needs, run.json, is always written. */
const NEEDED = ['hdf', 'sarif'] as const

/**
 * Where a job of its own judges the results, these must reach it, and all of them: else nothing would. Throws BAD_INPUT. Only of a job of the GitLab component
 * that has `sarif: true`.
 */
export const demandGate = (config: Pick<Config, 'reports' | 'upload'>, { env, uploadByDefault }: Pick<Host, 'env' | 'uploadByDefault'>): void => {
  if (env[SARIF_VARIABLE] !== 'true') return
  const problems = [...formats(config), ...uploads(config, uploadByDefault), ...parallel(env)]
  if (problems.length > 0) throw badInput(problems)
}

const formats = ({ reports }: Pick<Config, 'reports'>): Problem[] => {
  const missing = NEEDED.filter((format) => !reports.includes(format))
  return missing.length === 0 ? [] : [{ name: 'reports', expected: 'hdf and sarif among them, for sarif: true', got: reports.join(',') }]
}

const uploads = ({ upload }: Pick<Config, 'upload'>, byDefault: boolean): Problem[] =>
  upload === 'always' || (upload === 'auto' && byDefault)
    ? []
    : [
        {
          name: 'upload',
          expected: 'always, for sarif: true in a project that is not known to be private',
          got: upload,
          hint: 'The job that judges gets the results as an artifact, which developers of the project can read.'
        }
      ]

/** Their artifacts would lie in one another's places, and the last alone would be judged. */
const parallel = (env: Host['env']): Problem[] =>
  Number(env['CI_NODE_TOTAL'] ?? '1') > 1
    ? [
        {
          name: 'sarif',
          expected: 'false for a job with parallel',
          got: 'true',
          hint: 'Include the component once for each, with a job-name and a reports-path of its own.'
        }
      ]
    : []
