import type { Target } from '../target/facts.ts'

/** How a shell is got into a target. */
export type Approach =
  | { readonly kind: 'kubernetes-api' }
  | { readonly kind: 'debug-container'; readonly image: string; readonly unpoliced: boolean }
  | { readonly kind: 'twin-pod'; readonly image: string; readonly scanNamespace: string | undefined; readonly pullSecret: string | undefined }

/** Where the scanner has its rights: beside the targets, or where our pods are. */
export const accessNamespace = (approach: Approach, namespace: string): string =>
  approach.kind === 'twin-pod' ? (approach.scanNamespace ?? namespace) : namespace

/** The name of the pod that is made for the target of this place in a run. */
export const twinName = (run: string, index: number): string => `kscan-${run}-${index}`

/** The pods that the scanner reaches. */
export const reachedPods = (approach: Approach, targets: readonly Target[], run: string): string[] =>
  targets.map(({ pod }, index) => (approach.kind === 'twin-pod' ? twinName(run, index) : pod))
