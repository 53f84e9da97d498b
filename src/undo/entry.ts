import { z } from 'zod'
import { ENGINES } from '../kernel/engine.ts'
import { isLabelName, isObjectName, isRunId } from '../kernel/name.ts'

const Engine = z.enum(ENGINES)
/** Types of objects that a run makes. No other is ever deleted, a namespace least of all. */
export const ObjectType = z.enum(['serviceaccount', 'role', 'rolebinding', 'pod'])
export type ObjectType = z.infer<typeof ObjectType>

const Label = z.string().refine(isLabelName)
const ObjectName = z.string().refine(isObjectName)
/** What a server or an engine names a thing by: never a path, an option or shell code. */
const Id = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/)
/** `containerd://…` */
const ContainerId = z.string().regex(/^(?:[a-z][a-z0-9-]{0,31}:\/\/[A-Za-z0-9_.-]{1,128})?$/)
const Address = z.string().max(2048)

/** As objects, pods and processes have it. */
export const Uid = Id

/**
 * What a run makes: an object of the cluster, a shell in a target, a helper whose process runs, its private folder on this machine, a link to CINC Auditor's files in it, a cluster of its own, the
 * membership of the container that we run in in that cluster's network. A journal is a file, and whoever can write it could name anything: each field is
 * held to what kscan itself writes there.
 */
export const Entry = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('object'), type: ObjectType, namespace: Label, name: ObjectName }),
  z.strictObject({
    kind: z.literal('shell'),
    namespace: Label,
    pod: ObjectName,
    podUid: Uid,
    container: Label,
    containerId: ContainerId,
    /** Process 1 is never a shell of ours, but what the container is there for. */
    pid: z.int().min(2).max(4_194_304),
    start: z.string().regex(/^\d{1,20}$/)
  }),
  z.strictObject({ kind: z.literal('helper'), namespace: Label, pod: ObjectName, podUid: Uid, container: Label }),
  z.strictObject({ kind: z.literal('folder'), path: z.string().regex(/^\/[^\0]{1,4095}$/) }),
  z.strictObject({ kind: z.literal('link'), path: z.literal('/opt/cinc-auditor'), to: z.string().regex(/^\/[^\0]{1,4095}$/) }),
  z.strictObject({ kind: z.literal('kind-cluster'), name: Label, engine: Engine, endpoint: Address }),
  z.strictObject({ kind: z.literal('kind-network'), network: Id, container: z.string().regex(/^[0-9a-f]{12,64}$/), engine: Engine, endpoint: Address })
])
export type Entry = z.infer<typeof Entry>

/** Behind `kscan-RUN`, by type. */
const SUFFIX: Readonly<Record<ObjectType, RegExp>> = {
  serviceaccount: /^$/,
  role: /^(?:-[a-z-]{1,40}-\d{1,4})?$/,
  rolebinding: /^(?:-[a-z-]{1,40}-\d{1,4})?$/,
  pod: /^-\d{1,4}$/
}

/** Whether a run gives an object of this type this name. Names cannot be changed or taken over, as labels can. */
export const isNameOf = (run: string, type: ObjectType, name: string): boolean =>
  isRunId(run) && name.startsWith(`kscan-${run}`) && SUFFIX[type].test(name.slice(`kscan-${run}`.length))

/** Whether an entry is of what this run makes. */
export const isOfRun = (run: string, entry: Entry): boolean => {
  switch (entry.kind) {
    case 'object':
      return isNameOf(run, entry.type, entry.name)
    case 'helper':
      return entry.container.startsWith(`kscan-${run}-`)
    case 'folder':
      return entry.path.endsWith(`/kscan-${run}`)
    case 'link':
      return entry.to.includes(`/kscan-${run}/`)
    case 'kind-cluster':
      return entry.name.startsWith(`kscan-${run}-`)
    case 'shell':
    case 'kind-network':
      return true // in pods and networks of others
  }
}
