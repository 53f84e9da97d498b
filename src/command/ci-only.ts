import type { RawInputs } from '../config/raw.ts'
import type { Host } from '../host/host.ts'
import type { Problem } from '../kernel/error.ts'

/** Inputs that say what a CI system shows or keeps, each with what there is without one. */
const OF_A_JOB: Readonly<Record<string, string>> = {
  upload: 'The reports are in reports-path.',
  'artifact-name': 'The reports are in reports-path.',
  'retention-days': 'The reports are in reports-path, and stay there.',
  summary: 'The same text is the report markdown: --reports markdown.',
  annotations: 'The worst failures are printed at the end.'
}

/** Flags that would be passed over without a word. In the environment and in a config file they may be meant for the runs in a job. */
export const ofJobsOnly = (raw: RawInputs, { name }: Pick<Host, 'name'>): Problem[] =>
  name !== 'terminal'
    ? []
    : Object.entries(OF_A_JOB).flatMap(([input, hint]) =>
        raw.get(input)?.origin === 'flag' ? [{ name: input, expected: 'no such flag outside of a job of GitHub or GitLab', got: `--${input}`, hint }] : []
      )
