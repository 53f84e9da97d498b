import { type ApiError, isRefusal } from '../cluster/api.ts'
import type { Connection } from '../cluster/connection.ts'
import { type ContainerState, isHopeless, reasonOf } from '../cluster/container-state.ts'
import { create } from '../cluster/make.ts'
import { refusalSentence, refuserIn } from '../cluster/refusal.ts'
import type { Clock } from '../kernel/clock.ts'
import { ScanError } from '../kernel/error.ts'
import { READY_MS, type TwinHow, twinPod, type TwinSpec } from './twin-spec.ts'
import { isUnsaid } from './twin-template.ts'

/** How a twin is, as the API has it now. */
export interface TwinLook {
  readonly helper: ContainerState
  readonly target: ContainerState
  /** Why it has no node, or has ended; empty when neither is said. */
  readonly pod: string
  readonly over: boolean
}

const LOOK_MS = 150

/** Makes the pod as the cluster asks for it; resolves with its uid. Throws HELPER_REFUSED with the policy's own words. */
export const createTwin = (connection: Connection, spec: TwinSpec, interrupt: AbortSignal): Promise<string> => {
  const make = async (how: TwinHow): Promise<string> => {
    try {
      return await create(connection, { type: 'pod', namespace: spec.namespace, interrupt }, twinPod(spec, how))
    } catch (error) {
      if (!isRefusal(error)) throw error
      const asked = askedBy(error.message, spec, how)
      if (asked === undefined) throw refused(error, spec)
      return await make(asked)
    }
  }
  return make({ nonRoot: false, bounded: false })
}

/** What the cluster asks for beside; undefined where that was given already, or it is something else. */
const askedBy = (message: string, spec: TwinSpec, how: TwinHow): TwinHow | undefined => {
  if (!how.nonRoot && spec.user === undefined && message.includes('runAsNonRoot')) return { ...how, nonRoot: true }
  return !how.bounded && isUnsaid(message) ? { ...how, bounded: true } : undefined
}

const refused = (error: ApiError, spec: TwinSpec): ScanError =>
  new ScanError('HELPER_REFUSED', refusalSentence(`the pod ${spec.namespace}/${spec.name}`, error), {
    cause: error,
    hint:
      refuserIn(error.message) === undefined
        ? 'The scanner needs the verb create on pods of the scan-namespace, and every admission policy and quota there must admit the pod; a root image is refused by the level restricted. scan-pod-template says what its containers ask for.'
        : 'Have its owner admit pods with the label app.kubernetes.io/managed-by=kscan, name another scan-namespace, or give the pods what is asked for with scan-pod-template.'
  })

/** Waits until the image's container runs. Throws HELPER_FAILED when the toolbox or the pod does not come, TARGET_UNUSABLE when the image does not. */
export const untilTwinRuns = async (spec: TwinSpec, look: () => Promise<TwinLook | undefined>, ports: { clock: Clock; signal: AbortSignal }): Promise<void> => {
  const end = ports.clock.now() + READY_MS
  for (;;) {
    const seen = await look()
    if (seen?.target.running !== undefined) return
    const failure = failureOf(spec, seen, ports.clock.now() > end)
    if (failure !== undefined) throw failure
    await ports.clock.sleep(LOOK_MS, ports.signal)
  }
}

const failureOf = (spec: TwinSpec, seen: TwinLook | undefined, late: boolean): ScanError | undefined => {
  const pod = `${spec.namespace}/${spec.name}`
  if (seen === undefined) return new ScanError('HELPER_FAILED', `The pod ${pod} was deleted before it ran`)
  const { helper, target } = seen
  if (isHopeless(helper) || (helper.terminated?.exitCode ?? 0) !== 0)
    return new ScanError('HELPER_FAILED', `The toolbox did not get into the pod ${pod}: ${reasonOf(helper)}`, {
      hint: `Can the node pull ${spec.helper.name}, and is it the toolbox of this version?`
    })
  if (isHopeless(target) || target.terminated !== undefined)
    return new ScanError('TARGET_UNUSABLE', `The image ${spec.image.name} did not start in the pod ${pod}: ${reasonOf(target)}`, { hint: hintOf(spec) })
  if (!seen.over && !late) return undefined
  return new ScanError('HELPER_FAILED', `The pod ${pod} did not come to run: ${seen.pod || reasonOf(target)}`, {
    hint: 'Look whether a node has room for it, and takes it.'
  })
}

const hintOf = ({ image, node }: TwinSpec): string =>
  image.onNode
    ? `The image was loaded into ${node === undefined ? 'the nodes' : `the node ${node.name}`}: is it still there?`
    : 'Is there such an image, and may it be pulled? pull-secret names a Secret for that.'
