import { type ApiError, isRefusal } from '../cluster/api.ts'
import type { Connection } from '../cluster/connection.ts'
import { type ContainerState, isHopeless, reasonOf } from '../cluster/container-state.ts'
import { create } from '../cluster/make.ts'
import type { Clock } from '../kernel/clock.ts'
import { ScanError } from '../kernel/error.ts'
import { READY_MS, twinPod, type TwinSpec } from './twin-spec.ts'

/** How a twin is, as the API has it now. */
export interface TwinLook {
  readonly helper: ContainerState
  readonly target: ContainerState
  /** Why it has no node, or has ended; empty when neither is said. */
  readonly pod: string
  readonly over: boolean
}

const LOOK_MS = 150

/** Makes the pod; resolves with its uid. Throws HELPER_REFUSED with the policy's own words. */
export const createTwin = async (connection: Connection, spec: TwinSpec): Promise<string> => {
  try {
    return await post(connection, spec, { nonRoot: false })
  } catch (error) {
    if (!isRefusal(error)) throw error
    if (spec.user !== undefined || !error.message.includes('runAsNonRoot')) throw refused(error, spec)
  }
  try {
    return await post(connection, spec, { nonRoot: true })
  } catch (error) {
    throw isRefusal(error) ? refused(error, spec) : error
  }
}

const post = (connection: Connection, spec: TwinSpec, how: { nonRoot: boolean }): Promise<string> =>
  create(connection, { type: 'pod', namespace: spec.namespace }, twinPod(spec, how))

const refused = (error: ApiError, spec: TwinSpec): ScanError =>
  new ScanError('HELPER_REFUSED', `The cluster refused the pod ${spec.namespace}/${spec.name}: ${error.message}`, {
    cause: error,
    hint: 'The scanner needs the verb create on pods of the scan-namespace, and every admission policy and quota there must admit the pod; a root image is refused by the level restricted.'
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
      hint: `Can the node pull ${spec.helper}, and is it the toolbox of this version?`
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
    ? `The image was loaded into the node ${node?.name ?? ''}: is it still there?`
    : 'Is there such an image, and may it be pulled? pull-secret names a Secret for that.'
