import { parseResults } from '../../src/hdf/parse.ts'
import { ScanError } from '../../src/kernel/error.ts'
import type { Verdict } from '../../src/verdict/model.ts'
import { parseThreshold } from '../../src/verdict/threshold.ts'
import { judgeBy } from '../unit/verdict/sample.ts'

/** How kscan ends: 0, 1, 2 or 3; the verdict where there is one. */
export interface Ours {
  readonly exitCode: 0 | 1 | 2 | 3
  readonly verdict?: Verdict
}

/** One target, no evidence, nothing unjudged allowed. */
export const oursOf = (hdf: string, threshold: string): Ours => {
  const parsed = parseThreshold(threshold, 'threshold.yaml')
  if (parsed.kind === 'problems') return { exitCode: 2 }
  try {
    const results = parseResults(Buffer.from(hdf), 'results.json')
    const verdict = judgeBy([{ target: 't', results, unjudged: [] }], [parsed.threshold], { today: '2026-01-01' })
    return { exitCode: { passed: 0, 'not-compliant': 1, unjudged: 3 }[verdict.result] as 0 | 1 | 3, verdict }
  } catch (error) {
    if (error instanceof ScanError && error.code === 'RESULTS_UNREADABLE') return { exitCode: 3 }
    throw error
  }
}

/** Our counts as SAF's process gives them: `status.severity`, zeros left out. */
export const cellsOf = ({ verdict }: Ours): Record<string, number> | undefined => {
  if (verdict === undefined) return undefined
  const cells = Object.entries(verdict.counts).flatMap(([status, row]) =>
    Object.entries(row).map(([severity, count]) => [`${status}.${severity}`, count] as const)
  )
  return Object.fromEntries(cells.filter(([key, count]) => count > 0 && !key.endsWith('.total')))
}
