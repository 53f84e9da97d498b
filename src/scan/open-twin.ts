import { MOUNTED_SHELL } from '../approach/helper-spec.ts'
import { openShellSession } from '../approach/shell-session.ts'
import { rightsOf } from '../cluster/container-rights.ts'
import { type ContainerRights, mostOf } from '../kernel/container-rights.ts'
import { changedNothing } from '../cluster/api.ts'
import { makeObject } from '../cluster/make.ts'
import type { HelperRecord } from '../report/record.ts'
import { lentShell } from '../session/lent-shell.ts'
import { factsOf, podIfThere, readPod, sameAsBefore, type Target } from '../target/facts.ts'
import { imageOf } from '../target/mirror.ts'
import { type Pod, statusOf } from '../target/pod.ts'
import { createTwin, type TwinLook, untilTwinRuns } from '../target/twin-pod.ts'
import type { TwinSpec } from '../target/twin-spec.ts'
import { accessNamespace, twinName } from './approach.ts'
import { HELPER_MARGIN_S, type OneWay, type Opened, type SessionPlan, type SessionRoom, SESSION_UNDO_MS, shellOptions } from './session-room.ts'

type TwinPlan = OneWay<'twin-pod'>

const TWIN_UNDO_MS = 2000

/** A session in a pod of ours that has the target's image; what is scanned then is that pod's container. */
export const openTwin = async (target: Target, plan: TwinPlan, room: SessionRoom): Promise<Omit<Opened, 'way'>> => {
  const { connection } = plan
  const spec = twinOf(target, plan)
  const { namespace, name, container } = spec
  const helper: HelperRecord = { by: 'kscan', as: 'pod', image: spec.helper.name, rights: undefined }
  await makeTwin(spec, plan, room).catch((error: unknown) => {
    if (!changedNothing(error)) room.helpers.push(helper)
    throw error
  })
  const place = room.helpers.push(helper) - 1 // also where it does not come to run
  const signal = AbortSignal.any([room.over, room.ports.signal])
  const look = async (): Promise<TwinLook | undefined> => lookAt(await podIfThere(connection, { namespace, name, signal }), container)
  await untilTwinRuns(spec, look, { clock: room.ports.clock, signal })
  const pod = await readPod(connection, { namespace, name, signal })
  room.helpers[place] = { ...helper, rights: rightsIn(pod) }
  const twin = { ...factsOf(pod, container, name), name: target.name, image: target.image }
  const dialect = lentShell({ podUid: twin.podUid, container, lender: undefined, ownPod: true })
  const session = await openShellSession({ argv: MOUNTED_SHELL, dialect }, shellOptions(twin, plan, room)).catch(async (error: unknown) => {
    await sameAsBefore(connection, twin, signal) // a shell that went with its pod has a reason that its own words do not give
    throw error
  })
  room.scope.defer({ what: `session ${target.name}`, limit: SESSION_UNDO_MS, undo: () => session.close() })
  return { session, target: twin }
}

/** Of all its containers, as the API has them. */
const rightsIn = ({ spec }: Pod): ContainerRights | undefined =>
  mostOf([...spec.containers, ...(spec.initContainers ?? [])].map(({ securityContext }) => rightsOf(securityContext, spec.securityContext)))

const makeTwin = async (spec: TwinSpec, { connection, journal, run }: SessionPlan, room: SessionRoom): Promise<void> => {
  const planned = { type: 'pod', namespace: spec.namespace, name: spec.name, run } as const
  await makeObject(planned, { connection, journal, scope: room.scope, limit: TWIN_UNDO_MS }, () => createTwin(connection, spec, room.ports.signal))
}

const twinOf = (target: Target, plan: TwinPlan): TwinSpec => {
  const { approach, run, index, marks, loaded = [] } = plan
  const { mirror, user, container } = target
  const namespace = accessNamespace(approach, target.namespace)
  const image = target.imageId === '' && target.pod === '' ? { name: target.image, onNode: loaded.includes(target.image) } : imageOf(target)
  const own = approach.pullSecret === undefined ? [] : [approach.pullSecret]
  return {
    ...mirror,
    namespace,
    name: twinName(run, index),
    container,
    image,
    helper: { name: approach.image, onNode: loaded.includes(approach.image) },
    user,
    pullSecrets: [...new Set([...own, ...(namespace === target.namespace ? mirror.pullSecrets : [])])],
    node: target.node === '' ? undefined : { name: target.node, only: image.onNode || mirror.nodeSelector['kubernetes.io/arch'] === undefined },
    lifetime: Math.ceil(plan.scanTimeout / 1000) + HELPER_MARGIN_S,
    marks,
    template: approach.template
  }
}

const lookAt = (pod: Pod | undefined, container: string): TwinLook | undefined => {
  if (pod === undefined) return undefined
  const { phase, reason, message, conditions = [] } = pod.status
  const waits = conditions.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
  return {
    helper: statusOf(pod, 'kscan-fill')?.state ?? {},
    target: statusOf(pod, container)?.state ?? {},
    pod: [reason, message, waits?.message].filter((text) => text !== undefined).join(': '),
    over: phase === 'Failed' || phase === 'Succeeded' || pod.metadata.deletionTimestamp !== undefined
  }
}
