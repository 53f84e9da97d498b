import type { ApproachKind, Allowed } from '../approach/choose.ts'
import type { Target } from '../target/facts.ts'
import type { TwinTemplate } from '../target/twin-template.ts'

/** How a shell is got into a target. */
export type Approach =
  | { readonly kind: 'kubernetes-api' }
  | { readonly kind: 'sidecar-container' }
  | { readonly kind: 'debug-container'; readonly image: string; readonly unpoliced: boolean }
  | ({ readonly kind: 'twin-pod'; readonly image: string } & TwinPods)

/** Pods of ours: where they are made, with which Secret they pull, and what the user adds to them. */
interface TwinPods {
  readonly scanNamespace: string | undefined
  readonly pullSecret: string | undefined
  readonly template?: TwinTemplate | undefined
}

/** Whichever works, with what it may use. */
export interface Auto extends TwinPods {
  readonly kind: 'auto'
  readonly allow: readonly Allowed[]
  readonly image: string
}

/** One approach out of those that `auto` has. */
export const oneOf = ({ allow, image, scanNamespace, pullSecret, template }: Auto, kind: ApproachKind): Approach => {
  switch (kind) {
    case 'kubernetes-api':
    case 'sidecar-container':
      return { kind }
    case 'debug-container':
      return { kind, image, unpoliced: allow.includes('unpoliced-ephemeral-container') }
    case 'twin-pod':
      return { kind, image, scanNamespace, pullSecret, template }
  }
}

/** What the scanner's first rights are for. */
export const firstOf = (approach: Approach | Auto): Approach => (approach.kind === 'auto' ? { kind: 'kubernetes-api' } : approach)

/** Every approach that may be taken, least intrusive first. */
export const possibleOf = (approach: Approach | Auto): Approach[] => {
  if (approach.kind !== 'auto') return [approach]
  const helper = approach.allow.some((word) => word !== 'scan-pod')
  const kinds: Approach['kind'][] = ['kubernetes-api', 'sidecar-container']
  if (helper) kinds.push('debug-container')
  if (approach.allow.includes('scan-pod')) kinds.push('twin-pod')
  return kinds.map((kind) => oneOf(approach, kind))
}

/** Where the scanner has its rights: beside the targets, or where our pods are. */
export const accessNamespace = (approach: Approach, namespace: string): string =>
  approach.kind === 'twin-pod' ? (approach.scanNamespace ?? namespace) : namespace

/** The name of the pod that is made for the target of this place in a run. */
export const twinName = (run: string, index: number): string => `kscan-${run}-${index}`

/** The pods that the scanner reaches. */
export const reachedPods = (approach: Approach, targets: readonly Target[], run: string): string[] =>
  targets.map((target, index) => reachedPod(approach, target, twinName(run, index)))

export const reachedPod = (approach: Approach, { pod }: Target, twin: string): string => (approach.kind === 'twin-pod' ? twin : pod)
