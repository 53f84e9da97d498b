import type { ContainerRights } from '../kernel/container-rights.ts'
import type { EngineName } from '../kernel/engine.ts'
import type { IsolationKind } from '../kernel/isolation.ts'
import type { Compliance } from './compliance-shape.ts'
import type { AttestationEntry } from '../verdict/attestation.ts'
import type { AcceptedCause } from '../verdict/model.ts'

/** What is said of each target whose image was looked at in a pod of ours. */
export const IMAGE_ONLY = 'image only: nothing of the running pod was looked at'

/** Of a scan by shells that the target could have changed: which they were, in one sentence; empty when there was none. */
export const changeableShells = (targets: readonly TargetRecord[]): string[] => {
  const ways = new Set(targets.filter(({ tamperResistance }) => tamperResistance === 'none').map(({ approach }) => SHELLS[approach]))
  ways.delete('')
  const shells = [...ways].toSorted().join(' and ')
  return shells === '' ? [] : [`The answers come from ${shells}: a hostile container could have answered falsely (tamper resistance: none).`]
}

/** Where the shell of a target without tamper resistance was; none where none was reached. */
const SHELLS: Readonly<Record<TargetRecord['approach'], string>> = {
  'kubernetes-api': "the containers' own shells",
  'sidecar-container': 'a toolbox that the containers may write to',
  'debug-container': 'a helper that is not the toolbox',
  'twin-pod': 'a helper that is not the toolbox',
  none: ''
}

/** Of each target: services of which resources said "not installed, not enabled, not running" without a service manager's word, by ground. Not escaped. */
export const withoutManager = (targets: readonly TargetRecord[]): string[] =>
  targets.flatMap(({ name, services }) =>
    [...new Set(services.map(({ ground }) => ground))].map(
      (ground) =>
        `${name}: answered without a service manager: ${services.flatMap((each) => (each.ground === ground ? [each.service] : [])).join(', ')} (${ground}).`
    )
  )

/** What was found and not scanned, a line each. Not escaped. */
export const notScanned = ({ notScanned: all }: Pick<RunRecord, 'notScanned'>): string[] =>
  all.map(({ pod, container, why }) => `${container === undefined ? pod : `${pod}/${container}`}: ${why}`)

/** Of a scan in pods of ours. */
export const TWIN_ONLY = 'twin-pod is image only: nothing of the running pod was looked at, no process, mount, variable or written file of it.'

/** The day and minute, as in `2026-11-24 10:01 UTC`. */
export const minuteOf = (iso: string): string => iso.replace(/^(\S{10})T(\d\d:\d\d)\S*Z$/, '$1 $2 UTC')

export const unusedWaiver = (id: string): string => `The waiver of ${id} waives nothing: no control has that id.`

/** A profile with all that it includes, by the names that lead there: `overlay > base`. */
export interface ProfileRecord {
  readonly source: string
  readonly sha256: string
  readonly dependencies?: readonly { readonly way: string; readonly source: string; readonly sha256: string }[] | undefined
}

/** A cluster that was made for the run. */
export interface KindRecord {
  readonly name: string
  /** Of kind. */
  readonly version: string
  readonly source: 'path' | 'downloaded'
  /** Empty where a configuration of kind names it. */
  readonly nodeImage: string
  /** `sha256:…`; empty where the engine knows none. */
  readonly nodeDigest: string
  readonly engine: EngineName
  readonly engineVersion: string
  /** Images that were loaded from the engine. */
  readonly loaded: readonly string[]
  /** Number of objects that were deployed. */
  readonly applied: number
  /** Milliseconds: fetching kind and the node image, making the cluster, loading images, deploying until all is ready. */
  readonly timings: { readonly ready: number; readonly create: number; readonly load: number; readonly deploy: number }
  /** It is still there, as keep-cluster asked for. */
  readonly kept: boolean
}

/** Of a cluster that was made for the run: by what, and whether it is still there. Not escaped. */
export const madeFor = ({ version, nodeImage, engine, engineVersion, kept }: KindRecord): string =>
  `made for this run by kind ${version} with ${engine} ${engineVersion}${nodeImage === '' ? '' : ` of ${nodeImage}`}, ${kept ? 'and kept' : 'and removed'}`

/** What was done, for run.json and the reports. Nothing in it is secret; text from outside is marked. */
export interface RunRecord {
  readonly run: string
  readonly version: string
  /** ISO 8601, UTC. */
  readonly started: string
  readonly finished: string
  readonly cluster: { readonly server: string; readonly version: string; readonly context: string; readonly kind?: KindRecord | undefined }
  readonly access: {
    readonly mode: 'per-run' | 'service-account' | 'self'
    readonly made: readonly string[]
    readonly removed: readonly string[]
    /** The rules that the scanner held, as `verbs resource [names]`. */
    readonly rules: readonly string[]
    /** What the scanner could do beside that, of what it was asked; left out where it was not asked. */
    readonly excess?: readonly string[] | undefined
    /** From the first request for rights to the end of their withdrawal: ISO 8601, UTC. */
    readonly held?: { readonly from: string; readonly until: string } | undefined
    /** The longest life of a token in seconds, as the server gave it; left out where the caller's own credentials were used. */
    readonly tokenSeconds?: number | undefined
  }
  /** `mount`: how CINC's package came to where it belongs. */
  readonly auditor: { readonly product: string; readonly version: string; readonly source: string; readonly mount?: string | undefined }
  /** True where nothing was to be fetched. */
  readonly offline: boolean
  /** How the auditor was kept from the machine that it ran on. */
  readonly isolation: { readonly kind: IsolationKind | 'unknown'; readonly says: string }
  readonly profiles: readonly ProfileRecord[]
  readonly containerDetection: 'docker' | 'native'
  /** Whether answers of the machine that kscan ran on count. */
  readonly runnerResources: 'deny' | 'allow'
  readonly threshold: readonly { readonly source: string; readonly bounds: readonly string[] }[]
  readonly targets: readonly TargetRecord[]
  /** Pods that were found and not scanned, or containers of them that do not run. */
  readonly notScanned: readonly { readonly pod: string; readonly container?: string | undefined; readonly why: string }[]
  /** Milliseconds by phase. */
  readonly timings: Readonly<Record<string, number>>
  readonly leftovers: readonly string[]
  /** Leftovers make the run fail. */
  readonly strictCleanup: boolean
  /** Ids in waiver files that no control of the run has: they waive nothing. */
  readonly unusedWaivers: readonly string[]
  /** YYYY-MM-DD, local: on this day waivers and attestations were in force or not. */
  readonly judgedOn: string
  readonly attestations: readonly AttestationEntry[]
  readonly acceptedCauses: readonly AcceptedCause[]
  /** Whether a transcript was kept; left out in files of earlier versions. */
  readonly transcript?: 'off' | 'hashes' | 'full' | undefined
  /** How the way in which the run scanned stands to what frameworks ask for; left out in files of earlier versions. */
  readonly compliance?: Compliance | undefined
}

/** What lent a shell to a container, or was added in order to. */
export interface HelperRecord {
  readonly by: 'kscan' | 'owner'
  /** `container`: a sidecar, `volume`: a toolbox that an init container has copied, `pod`: a twin. */
  readonly as: 'ephemeral-container' | 'container' | 'volume' | 'pod'
  /** As the pod's spec names it. */
  readonly image: string
  /** What the cluster was asked to refuse before an ephemeral container was added: it refuses it, or nobody asked. */
  readonly policy?: 'refuses' | 'not-asked' | undefined
  /** What it may do, as the API has it; undefined where that was not read. */
  readonly rights?: ContainerRights | undefined
}

export interface TargetRecord {
  /** Its name in this run, `namespace/workload-or-pod/container`; the pod's where several of a workload are scanned. */
  readonly name: string
  /** The same for all pods of a workload, and from run to run: by it a baseline knows its target. */
  readonly stableName: string
  readonly namespace: string
  readonly pod: string
  readonly podUid: string
  /** Left out in files of earlier versions, and where the pod had none. */
  readonly podIp?: string | undefined
  readonly container: string
  readonly image: string
  readonly imageId: string
  readonly node: string
  /** `none` where no shell was reached. */
  readonly approach: 'kubernetes-api' | 'debug-container' | 'sidecar-container' | 'twin-pod' | 'none'
  /** Why that approach; one sentence. */
  readonly why: string
  /** Approaches that stand before it and were not taken. */
  readonly rejected: readonly { readonly approach: string; readonly why: string }[]
  /** A target's own shell, or a toolbox that it may write to, cannot be protected from the target; of another lent one, its processes can read and replace nothing. */
  readonly tamperResistance: 'none' | 'lent-shell'
  /** Services that were found not to be there without a service manager's word, and on what ground. */
  readonly services: readonly { readonly service: string; readonly ground: string }[]
  /** What stays in the pod by design: entries of helpers, and ended processes that nobody collects. */
  readonly kept: readonly string[]
  /** Left out in files of earlier versions, which did not tell. */
  readonly helpers?: readonly HelperRecord[] | undefined
  readonly commands: number
  /** Milliseconds from the opening of the session to the end of the audit. */
  readonly duration: number
  /** Why this target has no results, and what to do about it; undefined when it has. */
  readonly failure: { readonly code: string; readonly message: string; readonly hint?: string | undefined } | undefined
}
