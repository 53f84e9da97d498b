import type { PodTemplate } from './pod-template.ts'
import type { Fetching } from '../kernel/fetching.ts'
import type { IdentityChoice } from '../kernel/identity.ts'
import type { IsolationKind } from '../kernel/isolation.ts'
import type { Secret } from '../kernel/secret.ts'

export type TargetChoice =
  | { readonly kind: 'pod'; readonly pod: string }
  | { readonly kind: 'workload'; readonly workload: 'deployment' | 'statefulset' | 'daemonset' | 'job'; readonly name: string }
  | { readonly kind: 'selector'; readonly selector: string; readonly select: 'pods' | 'deployments' | 'statefulsets' | 'daemonsets' | 'jobs' }
  | { readonly kind: 'image'; readonly image: string }

/** The cluster of a run. */
export type ClusterChoice =
  | { readonly kind: 'existing' }
  | {
      /** Made for the run by kind, and removed after it. */
      readonly kind: 'kind'
      /** The exact version of kind; undefined: whichever is new enough. */
      readonly version: string | undefined
      /** A minor version of Kubernetes, or an image; undefined: the newest of the catalog. */
      readonly nodeImage: string | undefined
      readonly config: { readonly path: string; readonly text: string } | undefined
      readonly loadImages: readonly string[]
      /** Files, folders and pinned addresses, as they were given. */
      readonly manifests: readonly string[]
      readonly keep: 'never' | 'on-failure'
    }

/** The profile that is part of kscan. */
export const OWN_PROFILE = 'kscan-baseline'

export type ProfileChoice =
  | { readonly kind: 'own' }
  | { readonly kind: 'path'; readonly path: string }
  /** A digest that is missing is one that nothing pins. */
  | { readonly kind: 'archive'; readonly path: string; readonly sha256: string | undefined }
  | { readonly kind: 'download'; readonly url: string; readonly sha256: string | undefined }
  /** A commit, or another revision that nothing pins; the folder of the repository in which the profile lies. */
  | { readonly kind: 'git'; readonly url: string; readonly commit: string; readonly subdir?: string }
  | { readonly kind: 'catalog'; readonly name: string }

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
      readonly template?: PodTemplate | undefined
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
      readonly template?: PodTemplate | undefined
    }

export type AccessChoice = { readonly kind: 'per-run' } | { readonly kind: 'service-account'; readonly account: string } | { readonly kind: 'self' }

/** The text of a threshold, of attestations or of accepted causes, with the name by which messages speak of it. */
export interface SourceText {
  readonly source: string
  readonly text: string
}

export const FORMATS = ['hdf', 'junit', 'sarif', 'codequality', 'markdown', 'comment', 'html', 'csv', 'cklb', 'risk-acceptance', 'run.json'] as const
export type Format = (typeof FORMATS)[number]

/** What may be empty without making a run unjudged. */
export const UNJUDGED_OK = ['empty-profile', 'skipped-profile'] as const

/** The STIG that a profile was made from, as checklists name it. Each part is undefined where nothing was given. */
export interface Benchmark {
  readonly id: string | undefined
  /** As DISA counts: `2` in V2R1. */
  readonly version: string | undefined
  /** As a checklist has it: `Release: 1 Benchmark Date: 24 Jul 2024`. */
  readonly release: string | undefined
}

/** All that the inputs say, checked. Times in milliseconds. */
export interface Config {
  readonly cluster: ClusterChoice
  readonly kubeconfig: string
  readonly context: string | undefined
  readonly allowExec: boolean
  readonly identity: IdentityChoice
  /** Undefined: the context's own. */
  readonly namespace: string | undefined
  /** Undefined only where the command needs none. */
  readonly target: TargetChoice | undefined
  readonly containers: readonly string[]
  readonly excludeContainers: readonly string[]
  readonly maxTargets: number
  readonly approach: ApproachChoice
  readonly profiles: readonly ProfileChoice[]
  readonly allowUnpinned: boolean
  readonly gitToken: Secret | undefined
  /** The one host that gets it, with its port where that is not 443; undefined: that of the first profile of git. */
  readonly gitTokenHost: string | undefined
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
  readonly auditor: readonly ('path' | 'cinc' | 'gems' | { readonly path: string })[]
  /** `7` or `7.2.1`: only such an auditor is taken. */
  readonly auditorVersion: string | undefined
  readonly fetching: Fetching
  readonly isolation: IsolationKind | 'auto'
  readonly reports: readonly Format[]
  readonly reportsPath: string
  readonly benchmark: Benchmark
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
