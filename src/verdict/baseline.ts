import type { ProfileResult, Status } from '../hdf/model.ts'
import { type Weighed, weigh } from './count.ts'
import type { Baseline, Change, Comparison, Judged, Violation } from './model.ts'

/** A target as it was judged. */
export interface Weighted {
  readonly judged: Judged
  readonly weighed: readonly Weighed[]
}

/** What a comparison adds to a verdict. */
export interface Compared {
  /** Undefined without a baseline. */
  readonly comparison: Comparison | undefined
  readonly violations: readonly Violation[]
  /** Why a target cannot be compared, one sentence each. */
  readonly reasons: readonly string[]
}

/** How bad a status is: what lost its review is worse than a pass, a failure and an error are the worst. */
const RANK: Readonly<Record<Status, number>> = { passed: 0, no_impact: 0, skipped: 1, failed: 2, error: 2 }

/** Compares each target with all that bore its stable name then. A target that the baseline does not know, or knows by other profiles, cannot be compared. */
export const compare = (targets: readonly Weighted[], baseline: Baseline | undefined): Compared => {
  if (baseline === undefined) return { comparison: undefined, violations: [], reasons: [] }
  const all = targets.map((target) => compareOne(target, baseline))
  const { source, sha256, run } = baseline
  const joined = (read: (one: One) => readonly Change[]): Change[] => all.flatMap(read)
  return {
    comparison: { source, sha256, run, worse: joined(({ worse }) => worse), fixed: joined(({ fixed }) => fixed), still: joined(({ still }) => still) },
    violations: all.flatMap(({ worse }) => violation(worse, baseline)),
    reasons: all.flatMap(({ reasons }) => reasons)
  }
}

interface One extends Pick<Comparison, 'worse' | 'fixed' | 'still'> {
  readonly reasons: readonly string[]
}

const compareOne = ({ judged, weighed }: Weighted, baseline: Baseline): One => {
  const earlier = baseline.targets.filter(({ stableName }) => stableName !== undefined && stableName === judged.stableName)
  const reason = incomparable(judged, earlier, baseline)
  if (reason !== undefined) return { worse: [], fixed: [], still: [], reasons: [`${judged.target}: ${reason}`] }
  const before = bestOf(earlier.flatMap((target) => weigh(target, baseline.day)))
  const now = bestOf(weighed)
  const changes = [...new Map([...now, ...before])].map(([key, { control }]) => ({
    target: judged.target,
    profile: control.profile,
    control: control.id,
    before: before.get(key)?.status,
    now: now.get(key)?.status
  }))
  const worse = changes.filter(isWorse)
  const open = changes.filter((each) => each.before !== undefined && RANK[each.before] === 2 && !worse.includes(each))
  return { worse, fixed: open.filter(isWell), still: open.filter((each) => !isWell(each)), reasons: [] }
}

/** By profile and id. Of several pods of a workload the best: what failed in one of them only is not known to have failed in all. */
const bestOf = (weighed: readonly Weighed[]): Map<string, Weighed> => {
  const known = new Map<string, Weighed>()
  for (const each of weighed) {
    const key = JSON.stringify([each.control.profile, each.control.id])
    const other = known.get(key)
    if (other === undefined || RANK[each.status] < RANK[other.status]) known.set(key, each)
  }
  return known
}

/** A control that is no longer run is worse: nothing says that it holds. A new one must be as good as one that passed. */
const isWorse = ({ before, now }: Change): boolean => now === undefined || RANK[now] > (before === undefined ? 0 : RANK[before])

const isWell = ({ now }: Change): boolean => now !== undefined && RANK[now] === 0

const incomparable = ({ stableName, results }: Judged, earlier: readonly Judged[], { source }: Baseline): string | undefined => {
  if (stableName === undefined) return 'no run.json beside its results tells which container it is, so that it cannot be compared with the baseline'
  if (earlier.length === 0) return `the baseline ${source} has no results of ${stableName}`
  const wanted = digests(results.profiles)
  const foreign = earlier.some((target) => digests(target.results.profiles) !== wanted)
  return foreign || wanted === undefined ? `the baseline ${source} is of other profiles than this run: ${named(results.profiles)}` : undefined
}

/** All that were loaded, as one text; undefined where one has no digest. */
const digests = (profiles: readonly ProfileResult[]): string | undefined => {
  const all = profiles.filter(({ status }) => status === 'loaded').map(({ sha256 }) => sha256)
  return all.length === 0 || all.includes('') ? undefined : [...new Set(all)].toSorted().join(' ')
}

const named = (profiles: readonly ProfileResult[]): string => profiles.map(({ name, sha256 }) => `${name} (SHA-256 ${sha256 || 'unknown'})`).join(', ')

const violation = (worse: readonly Change[], { source, run }: Baseline): Violation[] => {
  const [first] = worse
  if (first === undefined) return []
  const base = { target: first.target, source, bound: 'baseline', controls: worse.map(({ control }) => control) }
  return [{ ...base, expected: `no control worse than in the run ${run}`, actual: `${worse.length} worse` }]
}
