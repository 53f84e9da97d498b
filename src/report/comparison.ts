import type { Change, Comparison } from '../verdict/model.ts'

export type ChangeKind = 'worse' | 'fixed' | 'still'

const WORDS = {
  passed: 'passed',
  no_impact: 'not applicable',
  skipped: 'not reviewed',
  failed: 'failed',
  error: 'error',
  unjudged: 'unjudged',
  waived: 'waived'
} as const

/** Controls that changed alike. */
export interface Changes {
  readonly kind: ChangeKind
  readonly heading: string
  readonly changes: readonly Change[]
}

/** What became of the controls since an earlier run, in the order in which readers want it; kinds without a control are left out. */
export const changesOf = (comparison: Comparison): Changes[] =>
  [
    { kind: 'worse' as const, heading: 'Worse', changes: comparison.worse },
    { kind: 'still' as const, heading: 'Still failing', changes: comparison.still },
    { kind: 'fixed' as const, heading: 'Fixed', changes: comparison.fixed }
  ].filter(({ changes }) => changes.length > 0)

export const beforeOf = ({ before }: Change): string => (before === undefined ? 'not there' : WORDS[before])
export const nowOf = ({ now }: Change): string => (now === undefined ? 'not run' : WORDS[now])

/** In one sentence. */
export const comparisonLine = ({ run, day, worse, fixed, still, absent }: Comparison): string =>
  `Compared with the run ${run} of ${day}: ${worse.length} worse, ${fixed.length} fixed, ${still.length} still failing${absent.length === 0 ? '' : `; not scanned now: ${absent.join(', ')}`}`
