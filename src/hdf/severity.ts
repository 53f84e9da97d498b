import type { Severity } from './model.ts'

const NAMES: ReadonlyMap<string, Severity> = new Map([
  ['none', 'none'],
  ['low', 'low'],
  ['medium', 'medium'],
  ['high', 'high'],
  ['critical', 'critical'],
  ['cat i', 'high'],
  ['cat ii', 'medium'],
  ['cat iii', 'low']
])

/**
 * Severity as inspecjs derives it – tag severityoverride, tag severity, else the impact – but in any case of letters, with DISA's categories, and with the
 * impact where a tag is not understood.
 */
export const severityOf = (impact: number, tags: Readonly<Record<string, unknown>>): Severity =>
  named(tags['severityoverride']) ?? named(tags['severity']) ?? fromImpact(impact)

const named = (tag: unknown): Severity | undefined => (typeof tag === 'string' ? NAMES.get(tag.trim().toLowerCase()) : undefined)

const fromImpact = (impact: number): Severity => {
  if (impact < 0.1) return 'none'
  if (impact < 0.4) return 'low'
  if (impact < 0.7) return 'medium'
  return impact < 0.9 ? 'high' : 'critical'
}
