import { showCompliance } from './count.ts'
import type { TargetVerdict, Verdict } from './model.ts'

const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const
const BOUNDED = ['failed', 'skipped', 'error'] as const

/** The bounds that each target of this run would meet, as threshold text in the nested form; empty without targets. */
export const todaysBounds = ({ targets }: Verdict): string => {
  if (targets.length === 0) return ''
  const least = (read: (target: TargetVerdict) => number): number => Math.min(...targets.map(read))
  const most = (read: (target: TargetVerdict) => number): number => Math.max(...targets.map(read))
  const lines = [
    `compliance: { min: ${Number(showCompliance(least(({ compliance }) => compliance)))} }`,
    `passed: { total: { min: ${least(({ counts }) => counts.passed.total)} } }`,
    ...BOUNDED.map((status) => {
      const cells = [...SEVERITIES, 'total' as const].map((cell) => `${cell}: { max: ${most(({ counts }) => counts[status][cell])} }`)
      return `${status}: { ${cells.join(', ')} }`
    }),
    `no_impact: { total: { max: ${most(({ counts }) => counts.no_impact.total)} } }`
  ]
  return `${lines.join('\n')}\n`
}
