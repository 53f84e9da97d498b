import type { parseResults } from '../../src/hdf/parse.ts'
import type { judge } from '../../src/verdict/judge.ts'
import type { parseThreshold } from '../../src/verdict/threshold.ts'
import type { Hdf } from './hdf.ts'

/** What the product is asked for. */
export interface Sources {
  readonly parseResults: typeof parseResults
  readonly judge: typeof judge
  readonly parseThreshold: typeof parseThreshold
}

export interface Recorded {
  readonly hdf: Hdf
  readonly threshold: string
  /** How the real SAF ended. */
  readonly saf: number
  readonly outcome: Outcome
}

/** All that a verdict says, but for wording that is free to change. */
export interface Outcome {
  readonly result: string
  readonly compliance?: number
  /** `status.severity count`, zeros left out. */
  readonly counts?: string
  readonly violations?: readonly string[]
  readonly safDiffers?: boolean
}

export const outcomeOf = (hdf: string, threshold: string, { parseThreshold, parseResults, judge }: Sources): Outcome => {
  const parsed = parseThreshold(threshold, 'threshold.yaml')
  if (parsed.kind === 'problems') return { result: 'bad input' }
  const results = parseResults(Buffer.from(hdf), 'results.json')
  const { result, compliance, counts, violations, safDiffers } = judge(
    [{ target: 't', results, unjudged: [] }],
    { thresholds: [parsed.threshold], totals: [], baseline: undefined },
    { maxUnjudged: 0, maxWaived: Infinity, unjudgedOk: [], today: '2026-01-01' }
  )
  const cells = Object.entries(counts).flatMap(([status, row]) =>
    Object.entries(row).flatMap(([cell, count]) => (count > 0 ? [`${status}.${cell} ${count}`] : []))
  )
  return {
    result,
    compliance,
    counts: cells.toSorted().join(', '),
    violations: violations.map((one) => `${one.bound}: ${one.expected}, ${one.actual} (${one.controls.join(' ')})`),
    safDiffers: safDiffers.length > 0
  }
}
