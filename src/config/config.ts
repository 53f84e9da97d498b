import type { Secret } from '../kernel/secret.ts'

export type TargetChoice =
  | { readonly kind: 'pod'; readonly pod: string }
  | { readonly kind: 'workload'; readonly workload: 'deployment' | 'statefulset' | 'daemonset' | 'job'; readonly name: string }
  | { readonly kind: 'selector'; readonly selector: string; readonly select: 'pods' | 'deployments' | 'statefulsets' | 'daemonsets' | 'jobs' }
  | { readonly kind: 'image'; readonly image: string }

export type ProfileChoice =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'archive'; readonly path: string; readonly sha256: string }
  | { readonly kind: 'git'; readonly url: string; readonly commit: string }

/** How a shell is got into each container. */
export type ApproachChoice =
  | {
      /** The least intrusive that works. */
      readonly kind: 'auto'
      readonly allow: readonly ('ephemeral-container' | 'unpoliced-ephemeral-container' | 'scan-pod')[]
      /** Empty where nothing is allowed. */
      readonly image: string
      readonly scanNamespace: string | undefined
      readonly pullSecret: string | undefined
    }
  | { readonly kind: 'kubernetes-api' }
  | { readonly kind: 'sidecar-container' }
  | {
      readonly kind: 'debug-container'
      readonly image: string
      /** A cluster that would admit worse than the helper is accepted. */
      readonly unpoliced: boolean
    }
  | {
      readonly kind: 'twin-pod'
      readonly image: string
      /** Undefined: that of the targets. */
      readonly scanNamespace: string | undefined
      readonly pullSecret: string | undefined
    }

export type AccessChoice = { readonly kind: 'per-run' } | { readonly kind: 'service-account'; readonly account: string } | { readonly kind: 'self' }

/** The text of a threshold, of attestations or of accepted causes, with the name by which messages speak of it. */
export interface SourceText {
  readonly source: string
  readonly text: string
}

export const FORMATS = ['hdf', 'junit', 'sarif', 'codequality', 'markdown', 'comment', 'html', 'csv', 'cklb', 'run.json'] as const
export type Format = (typeof FORMATS)[number]

/** What may be empty without making a run unjudged. */
export const UNJUDGED_OK = ['empty-profile', 'skipped-profile'] as const

/** All that the inputs say, checked. Times in milliseconds. */
export interface Config {
  readonly kubeconfig: string
  readonly context: string | undefined
  readonly allowExec: boolean
  /** Undefined: the context's own. */
  readonly namespace: string | undefined
  /** Undefined only where the command needs none. */
  readonly target: TargetChoice | undefined
  readonly containers: readonly string[]
  readonly excludeContainers: readonly string[]
  readonly maxTargets: number
  readonly approach: ApproachChoice
  readonly profiles: readonly ProfileChoice[]
  readonly gitToken: Secret | undefined
  /** Variables of the environment that the profiles may read, with their values; those that are not set are not there. */
  readonly profileEnv: Readonly<Record<string, string>>
  /** Inline inputs for the profiles, as YAML text; empty when there are none. */
  readonly profileInputs: string
  readonly profileInputFiles: readonly string[]
  readonly waiverFiles: readonly string[]
  /** Ids of the controls that the waiver files name. */
  readonly waivedControls: readonly string[]
  readonly controls: readonly string[]
  readonly controlTags: readonly string[]
  readonly containerDetection: 'docker' | 'native'
  readonly runnerResources: 'deny' | 'allow'
  readonly commandTimeout: number
  readonly scanTimeout: number
  readonly access: AccessChoice
  readonly tokenTtl: number
  /** Empty: the default threshold. */
  readonly thresholds: readonly SourceText[]
  /** Of all containers together. */
  readonly totalThresholds: readonly SourceText[]
  /** Path of the run.json that all HDF files are of. */
  readonly runJson: string | undefined
  /** Path of an earlier run's run.json. */
  readonly baselineFile: string | undefined
  readonly enforce: boolean
  readonly maxUnjudged: number
  readonly maxWaived: number
  readonly unjudgedOk: readonly (typeof UNJUDGED_OK)[number][]
  /** Files of causes that may leave controls unjudged. */
  readonly unjudgedOkFiles: readonly SourceText[]
  readonly attestations: readonly SourceText[]
  readonly auditor: readonly ('path' | 'gems' | { readonly path: string })[]
  readonly reports: readonly Format[]
  readonly reportsPath: string
  readonly transcript: 'off' | 'hashes' | 'full'
  readonly strictCleanup: boolean
  readonly upload: 'auto' | 'always' | 'never'
  readonly artifactName: string
  readonly retentionDays: number
  readonly summary: boolean
  readonly annotations: boolean
  /** What was given and is not the default: `name: value (origin)`. */
  readonly given: readonly string[]
}
