import type { OutputName } from '../config/outputs.ts'
import type { Host, Uploaded } from '../host/host.ts'
import type { Format } from '../report/formats.ts'
import { showCompliance } from '../verdict/count.ts'
import type { Outcome } from '../scan/scan.ts'
import type { TargetVerdict, Verdict } from '../verdict/model.ts'

export interface Given {
  readonly result: string
  readonly outcome: Outcome | undefined
  /** A kind cluster that was made for the run. */
  readonly cluster?: string | undefined
  readonly uploaded: Uploaded | undefined
  readonly leftovers: number
}

/** Sets every output, with empty text where there is nothing to say. */
export const setOutputs = (host: Pick<Host, 'setOutput'>, given: Given): void => {
  const values: Record<OutputName, string> = {
    ...counts(given.outcome, given.cluster),
    ...places(given.outcome),
    ...artifact(given.uploaded),
    result: given.result,
    leftovers: String(given.leftovers)
  }
  for (const [name, value] of Object.entries(values)) host.setOutput(name, value)
}

type CountName = Extract<
  OutputName,
  `controls-${string}` | `failed-${string}` | 'compliance' | 'new-failures' | 'target-count' | 'approaches-used' | 'cluster-name'
>
type PlaceName = Extract<OutputName, `${string}-path`>
type ArtifactName = Extract<OutputName, `artifact-${string}`>

const counts = (outcome: Outcome | undefined, cluster: string | undefined): Record<CountName, string> => ({
  ...controlCounts(outcome === undefined || !isKnown(outcome) ? undefined : outcome.verdict),
  'target-count': outcome === undefined ? '' : String(outcome.runs.length),
  'approaches-used': [...new Set(outcome?.record.targets.flatMap(({ approach }) => (approach === 'none' ? [] : [approach])))].join(','),
  'cluster-name': cluster ?? outcome?.record.cluster.context ?? ''
})

/** How many controls failed is known when every container has results, and a control passed or failed: until then `== '0'` must not hold. */
const isKnown = ({ verdict, record }: Outcome): boolean =>
  record.targets.every(({ failure }) => failure === undefined) && verdict.counts.passed.total + verdict.counts.failed.total > 0

const controlCounts = (verdict: Verdict | undefined): Record<Exclude<CountName, 'target-count' | 'approaches-used' | 'cluster-name'>, string> => {
  const number = (read: (of: Verdict) => number): string => (verdict === undefined ? '' : String(read(verdict)))
  const overTargets = (read: (of: TargetVerdict) => number): string => number(({ targets }) => targets.reduce((sum, target) => sum + read(target), 0))
  return {
    compliance: verdict === undefined ? '' : showCompliance(verdict.compliance),
    'controls-passed': number((of) => of.counts.passed.total),
    'controls-failed': number((of) => of.counts.failed.total),
    'controls-skipped': number((of) => of.counts.skipped.total),
    'controls-errored': number((of) => of.counts.error.total),
    'controls-not-applicable': number((of) => of.counts.no_impact.total),
    'controls-waived': overTargets(({ waived }) => waived),
    'controls-unjudged': overTargets(({ unjudged }) => new Set(unjudged.map(({ control }) => control)).size),
    'new-failures': verdict?.baseline === undefined ? '' : String(verdict.baseline.worse.length),
    'failed-critical': number((of) => of.counts.failed.critical),
    'failed-high': number((of) => of.counts.failed.high)
  }
}

const places = (outcome: Outcome | undefined): Record<PlaceName, string> => {
  const path = (format: Format): string => outcome?.paths.get(format) ?? ''
  return {
    'reports-path': outcome?.reports.folder ?? '',
    'hdf-path': path('hdf'),
    'junit-path': path('junit'),
    'sarif-path': path('sarif'),
    'codequality-path': path('codequality'),
    'summary-path': path('markdown'),
    'comment-path': path('comment'),
    'html-path': path('html'),
    'csv-path': path('csv'),
    'cklb-path': path('cklb'),
    'risk-acceptance-path': path('risk-acceptance'),
    'transcript-path': path('transcript'),
    'run-json-path': path('run.json')
  }
}

const artifact = (uploaded: Uploaded | undefined): Record<ArtifactName, string> => ({
  'artifact-id': uploaded?.id ?? '',
  'artifact-url': uploaded?.url ?? '',
  'artifact-digest': uploaded?.digest ?? ''
})
