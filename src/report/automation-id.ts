import { digest } from './escape.ts'
import { compare } from './findings.ts'
import type { RunRecord } from './record.ts'

/**
 * SARIF's `automationDetails.id`: what stands before the last slash is the category by which GitHub knows which earlier alerts a file takes the place of. Two scans of
 * one category would close each other's alerts, so it is of what was scanned, with what: cluster, profiles and containers, by names that stay from run to run.
 */
export const automationId = ({ run, cluster, profiles, targets }: RunRecord): string => {
  const sorted = (names: readonly string[]): string[] => [...new Set(names)].toSorted(compare)
  const sources = profiles.map(({ source }) => source.replace(PINNED, ''))
  const names = targets.map(({ stableName }) => stableName)
  return `kscan/${digest(JSON.stringify([clusterOf(cluster), sorted(sources), sorted(names)])).slice(0, 16)}/${run}`
}

/** The commit or the digest of a profile: with a newer one it is the same profile. */
const PINNED = /@[0-9a-f]{7,64}(?=#|$)|#sha256=.*$/g

/** A cluster that is made for a run has other names and another port in the next. */
const clusterOf = (cluster: RunRecord['cluster']): readonly string[] => {
  if (cluster.kind !== undefined) return ['kind']
  const host = URL.parse(cluster.server)?.hostname ?? ''
  return [cluster.context, /^(?:localhost|127\..*|\[::1\])$/.test(host) ? '' : host]
}
