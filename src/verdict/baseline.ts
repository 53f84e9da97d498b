import { z } from 'zod'
import type { ProfileResult } from '../hdf/model.ts'
import { type Weighed, type WeighedTarget, weigh } from './count.ts'
import type { Baseline, Change, ComparedStatus, Comparison, Judged, Violation } from './model.ts'

/** What a comparison adds to a verdict. */
export interface Compared {
  /** Undefined without a baseline. */
  readonly comparison: Comparison | undefined
  readonly violations: readonly Violation[]
  /** Why a target cannot be compared, one sentence each. */
  readonly reasons: readonly string[]
}

/** How bad a status is: what lost its review or its evidence is worse than a pass, a failure and an error are the worst. */
const RANK: Readonly<Record<ComparedStatus, number>> = { passed: 0, no_impact: 0, waived: 0, skipped: 1, unjudged: 1, failed: 2, error: 2 }

/** Compares each target with all that bore its stable name then. A target that the baseline does not know, or knows by other profiles, cannot be compared. */
export const compare = (targets: readonly WeighedTarget[], baseline: Baseline | undefined): Compared => {
  if (baseline === undefined) return { comparison: undefined, violations: [], reasons: [] }
  const all = targets.map((target) => compareOne(target, baseline))
  const { source, sha256, run, day } = baseline
  const scanned = new Set(targets.map(({ judged }) => judged.stableName))
  const absent = baseline.targets.flatMap(({ stableName = '' }) => (scanned.has(stableName) ? [] : [stableName]))
  const joined = (read: (one: One) => readonly Change[]): Change[] => all.flatMap(read)
  return {
    comparison: {
      source,
      sha256,
      run,
      day,
      worse: joined(({ worse }) => worse),
      fixed: joined(({ fixed }) => fixed),
      still: joined(({ still }) => still),
      absent: [...new Set(absent)]
    },
    violations: all.flatMap(({ worse }) => violation(worse, baseline)),
    reasons: all.flatMap(({ reasons }) => reasons)
  }
}

interface One extends Pick<Comparison, 'worse' | 'fixed' | 'still'> {
  readonly reasons: readonly string[]
}

const compareOne = ({ judged, weighed }: WeighedTarget, baseline: Baseline): One => {
  const earlier = baseline.targets.filter(({ stableName }) => stableName !== undefined && stableName === judged.stableName)
  const reason = incomparable(judged, earlier, baseline)
  if (reason !== undefined) return { worse: [], fixed: [], still: [], reasons: [`${judged.target}: ${reason}`] }
  const before = merge(
    earlier.map((target) => statusesOf(weigh(target, baseline.day))),
    (a, b) => RANK[a] < RANK[b]
  )
  const now = statusesOf(weighed)
  const changes = [...new Set([...now.keys(), ...before.keys()])].map((key) => changeOf(judged.target, key, { before: before.get(key), now: now.get(key) }))
  const open = changes.filter((each) => each.before !== undefined && RANK[each.before] === 2 && !isWorse(each))
  return { worse: changes.filter(isWorse), fixed: open.filter(isFixed), still: open.filter((each) => !isFixed(each)), reasons: [] }
}

type Statuses = ReadonlyMap<string, ComparedStatus>

/** By profile and id; where two controls have both, the worse counts. */
const statusesOf = (weighed: readonly Weighed[]): Statuses =>
  merge(
    weighed.map((each) => new Map([[JSON.stringify([each.control.profile, each.control.id]), comparedStatus(each)]])),
    (a, b) => RANK[a] > RANK[b]
  )

/** Of several pods of a workload the best counts: what failed in one of them only is not known to have failed in all. */
const merge = (all: readonly Statuses[], goesFirst: (a: ComparedStatus, b: ComparedStatus) => boolean): Statuses => {
  const merged = new Map<string, ComparedStatus>()
  for (const [key, status] of all.flatMap((statuses) => [...statuses])) {
    const known = merged.get(key)
    if (known === undefined || goesFirst(status, known)) merged.set(key, status)
  }
  return merged
}

const comparedStatus = ({ control, status, unjudged }: Weighed): ComparedStatus => {
  if (unjudged.length > 0) return 'unjudged'
  return status === 'no_impact' && control.waiver?.skipped === true ? 'waived' : status
}

const changeOf = (target: string, key: string, statuses: Pick<Change, 'before' | 'now'>): Change => {
  const [profile, control] = Key.parse(JSON.parse(key))
  return { target, profile, control, ...statuses }
}

const Key = z.tuple([z.string(), z.string()])

/** A control that is no longer run is worse: nothing says that it holds. A new one must be as good as one that passed. */
const isWorse = ({ before, now }: Change): boolean => now === undefined || RANK[now] > (before === undefined ? 0 : RANK[before])

const isFixed = ({ now }: Change): boolean => now === 'passed' || now === 'no_impact'

const incomparable = ({ stableName, of, results }: Judged, earlier: readonly Judged[], { source, run }: Baseline): string | undefined => {
  if (of?.run === run) return `the baseline ${source} is this run itself, so that nothing could be worse`
  if (stableName === undefined) return 'no run.json beside its results tells which container it is, so that it cannot be compared with the baseline'
  if (earlier.length === 0) return `the baseline ${source} has no results of ${stableName}`
  const wanted = digests(results.profiles)
  if (wanted === undefined) return 'its results have no digests of the profiles, so that it cannot be compared with a baseline'
  const twice = results.profiles.find(({ name, sha256 }) => results.profiles.some((other) => other.name === name && other.sha256 !== sha256))
  if (twice !== undefined) return `two of its profiles are called ${twice.name}, so that it cannot be compared with a baseline`
  const foreign = earlier.find((target) => digests(target.results.profiles) !== wanted)
  if (foreign === undefined) return undefined
  const both = `there ${named(foreign.results.profiles)}, here ${named(results.profiles)}`
  return `the baseline ${source} is of other profiles than this run: ${both}; scan what it stands for with these profiles first`
}

/** All that were loaded, as one text; undefined where one has no digest. */
const digests = (profiles: readonly ProfileResult[]): string | undefined => {
  const all = profiles.filter(({ status }) => status === 'loaded').map(({ sha256 }) => sha256)
  return all.length === 0 || all.includes('') ? undefined : [...new Set(all)].toSorted().join(' ')
}

const named = (profiles: readonly ProfileResult[]): string => profiles.map(({ name, sha256 }) => `${name} (SHA-256 ${sha256 || 'unknown'})`).join(', ')

const violation = (worse: readonly Change[], { source, run, day }: Baseline): Violation[] => {
  const [first] = worse
  if (first === undefined) return []
  const base = { target: first.target, source, bound: 'baseline', controls: worse.map(({ control }) => control) }
  return [{ ...base, expected: `no control worse than in the run ${run} of ${day}`, actual: `${worse.length} worse` }]
}
