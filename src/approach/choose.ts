/** The ways into a container (DESIGN §6), least intrusive first. */
export type ApproachKind = 'kubernetes-api' | 'sidecar-container' | 'debug-container' | 'twin-pod'

/** What may be added to the cluster. */
export type Allowed = 'ephemeral-container' | 'unpoliced-ephemeral-container' | 'scan-pod'

/** What is known of a target when its approach is chosen. */
export interface Known {
  readonly allow: ReadonlySet<Allowed>
  /** A helper is deployed with the pod. */
  readonly helper: boolean
  /** Tools that the image lacks beside its shell; undefined until that was looked at. */
  readonly lacking: readonly string[] | undefined
  /** Approaches that were tried in vain, each with why. */
  readonly failed: ReadonlyMap<ApproachKind, string>
}

export interface Rejected {
  readonly approach: ApproachKind
  readonly why: string
}

/** What comes next, why, and why nothing that stands before it; `approach` is undefined when none is left. */
export interface Choice {
  readonly approach: ApproachKind | undefined
  readonly why: string
  readonly rejected: readonly Rejected[]
}

interface Rule {
  readonly approach: ApproachKind
  readonly why: (known: Known) => string
  /** Why it does not hold; undefined when it does. */
  readonly unless: (known: Known) => string | undefined
}

const mayLend = ({ allow }: Known): boolean => allow.has('ephemeral-container') || allow.has('unpoliced-ephemeral-container')
const lacks = ({ lacking = [] }: Known): boolean => lacking.length > 0
const listed = (known: Known): string => known.lacking?.join(', ') ?? ''

const ownShell = (known: Known): string =>
  lacks(known) ? `the image has a shell; controls that need ${listed(known)} would be unjudged` : 'the image has a shell'

/** The decision table: the first rule that holds wins. */
const RULES: readonly Rule[] = [
  {
    approach: 'kubernetes-api',
    why: ownShell,
    unless: (known) =>
      lacks(known) && (known.helper || mayLend(known)) ? `the image has a shell, but not ${listed(known)}, which a helper may lend` : undefined
  },
  {
    approach: 'sidecar-container',
    why: () => 'a helper is deployed with the pod',
    unless: ({ helper }) => (helper ? undefined : 'no helper is deployed with the pod')
  },
  {
    approach: 'debug-container',
    why: (known) => (lacks(known) ? `the image lacks ${listed(known)}, and a helper may be added` : 'the image has no usable shell, and a helper may be added'),
    unless: (known) => (mayLend(known) ? undefined : 'allow does not hold ephemeral-container')
  },
  {
    approach: 'kubernetes-api',
    why: ownShell,
    unless: (known) => (lacks(known) ? undefined : 'the image has no usable shell')
  },
  {
    approach: 'twin-pod',
    why: () => 'nothing else works, and a pod of its image may be made',
    unless: ({ allow }) => (allow.has('scan-pod') ? undefined : 'allow does not hold scan-pod')
  }
]

/** Applies the table. */
export const choose = (known: Known): Choice => {
  const rejected = new Map<ApproachKind, string>()
  for (const { approach, why, unless } of RULES) {
    const reason = known.failed.get(approach) ?? unless(known)
    if (reason === undefined) return { approach, why: why(known), rejected: listOf(rejected, approach) }
    rejected.set(approach, rejected.get(approach) ?? reason)
  }
  return { approach: undefined, why: 'no approach is left', rejected: listOf(rejected) }
}

const listOf = (rejected: ReadonlyMap<ApproachKind, string>, chosen?: ApproachKind): Rejected[] =>
  [...rejected].flatMap(([approach, why]) => (approach === chosen ? [] : [{ approach, why }]))
