import type { Input, Verb } from './input.ts'

export const TEXT = { kind: 'text' } as const
export const YAML = { kind: 'yaml' } as const
export const LIST = { kind: 'list' } as const
export const listOf = <const T extends readonly string[]>(...of: T) => ({ kind: 'list', of }) as const
/** Paths, and these words. */
export const pathsOr = <const T extends readonly string[]>(...of: T) => ({ kind: 'list', of, open: true }) as const
export const BOOLEAN = { kind: 'boolean' } as const
export const choice = <const T extends readonly string[]>(...of: T) => ({ kind: 'choice', of }) as const
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE

export const CLUSTER: readonly Verb[] = ['scan', 'plan', 'doctor', 'cleanup']
/** What reaches a cluster that is there. */
export const REACH: readonly Verb[] = [...CLUSTER, 'profiles']
export const TARGET: readonly Verb[] = ['scan', 'plan', 'doctor']
/** What looks at a target that runs. */
export const LOOK: readonly Verb[] = [...TARGET, 'profiles']
export const RUN: readonly Verb[] = ['scan', 'plan']
export const SCAN: readonly Verb[] = ['scan']
export const VERDICT: readonly Verb[] = ['scan', 'judge']
export const REPORT: readonly Verb[] = ['scan', 'report']
export const ALL: readonly Verb[] = ['scan', 'plan', 'doctor', 'judge', 'report', 'cleanup', 'vendor', 'profiles']
/** What brings profiles here. */
export const FETCH: readonly Verb[] = ['scan', 'plan', 'vendor']

/** One input of a group: `default` is empty and `verbs` are the group's where nothing else is said. */
type Row = Pick<Input, 'name' | 'type' | 'text'> & Partial<Input>
type Named<R extends readonly Row[]> = Input & { readonly name: R[number]['name'] }
export const of = <const R extends readonly Row[]>(group: Input['group'], verbs: readonly Verb[], rows: R): Named<R>[] =>
  rows.map((row) => ({ group, verbs, default: '', ...row }))
