import { z } from 'zod'
import { ApiError, call, isRefusal } from '../cluster/api.ts'
import type { Connection } from '../cluster/connection.ts'
import { refusalSentence, refuserIn } from '../cluster/refusal.ts'
import { CHANGING } from '../cluster/request.ts'
import { atMost } from '../kernel/at-most.ts'
import type { Clock } from '../kernel/clock.ts'
import { ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import type { StreamEvents } from '../session/stream.ts'
import { UpgradeRefused } from '../session/upgrade-refused.ts'
import { rightsOf, Security } from '../cluster/container-rights.ts'
import type { ContainerRights } from '../kernel/container-rights.ts'
import { type ContainerState, isHopeless, reasonOf, type UserIds } from '../cluster/container-state.ts'
import { openExec } from './exec-stream.ts'
import { FOREIGN_END, FOREIGN_LOOK, foreignTools, type ForeignHelper } from './foreign-helper.ts'
import { forbiddenHelpers, type ProbedPod } from './forbidden-helpers.ts'
import { ephemeralPatch, HELPER_END, HELPER_IDS, HELPER_PID, helperContainer, type HelperSpec } from './helper-spec.ts'

/** A pod that gets a helper, and how it is read. */
export interface HelperPod {
  readonly connection: Connection
  readonly namespace: string
  readonly pod: string
  /** The state of a container of the pod by name, as the API has it now. */
  readonly stateOf: (container: string) => Promise<ContainerState | undefined>
  readonly podUid: string
  /** Its volumes, as the API has them now. */
  readonly volumes: () => Promise<ProbedPod['volumes']>
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** A process of the helper, in the process namespace that it shares with the target. */
export interface Lender {
  readonly pid: number
  /** Field 22 of /proc/PID/stat. */
  readonly start: string
}

const READY_MS = 60_000
const LOOK_MS = 150
const EXEC_MS = 10_000
const LEARN_MS = 1000

/** Asks, by dry runs that change nothing, for what a policy must refuse; returns what would be admitted, each once. */
export const admittedHelpers = async (pod: HelperPod, spec: HelperSpec): Promise<string[]> => {
  const forbidden = forbiddenHelpers(spec, { volumes: await pod.volumes() })
  const answers = await atMost(ASKED_AT_ONCE, forbidden, async ({ what, containers }) => {
    const answer = await patch(pod, containers, { dryRun: true })
    if (!(answer instanceof ApiError)) return [what]
    if (refuserIn(answer.message)?.asked === false) throw helperRefused(pod, answer) // it would not say so for ever
    return []
  })
  return [...new Set(answers.flat())]
}

/** Each may wait for a webhook. */
const ASKED_AT_ONCE = 16

/** Adds the helper. Resolves with what it may do, as the server has it; undefined where its answer does not say. Throws HELPER_REFUSED with the policy's own words. */
export const addHelper = async (pod: HelperPod, spec: HelperSpec): Promise<ContainerRights | undefined> => {
  const answer = await patch(pod, [helperContainer(spec)], { dryRun: false })
  if (answer instanceof ApiError) throw helperRefused(pod, answer)
  return rightsIn(answer, spec.name)
}

const helperRefused = ({ namespace, pod }: HelperPod, refusal: ApiError): ScanError =>
  new ScanError('HELPER_REFUSED', refusalSentence(`the helper in ${namespace}/${pod}`, refusal), {
    cause: refusal,
    hint: `The scanner needs ${RIGHT}, and every admission policy must admit the helper.`
  })

const Patched = z.looseObject({
  spec: z.looseObject({
    securityContext: Security.optional(),
    ephemeralContainers: z.array(z.looseObject({ name: z.string(), securityContext: Security.optional() }))
  })
})

/** Admission may have changed what was sent. */
const rightsIn = (answer: unknown, helper: string): ContainerRights | undefined => {
  const { spec } = Patched.safeParse(answer).data ?? {}
  const found = spec?.ephemeralContainers.find(({ name }) => name === helper)
  return found === undefined ? undefined : rightsOf(found.securityContext, spec?.securityContext)
}

/** The server's answer, or its refusal. It is not aborted at once: the server might carry it out after we had looked for the helper in vain. */
const patch = async (pod: HelperPod, containers: readonly unknown[], { dryRun }: { dryRun: boolean }): Promise<unknown> => {
  const path = `api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.pod)}/ephemeralcontainers${dryRun ? '?dryRun=All' : ''}`
  const request = {
    method: 'PATCH',
    path,
    body: ephemeralPatch(pod.podUid, containers),
    ...(dryRun ? { signal: pod.signal } : { interrupt: pod.signal }),
    ...CHANGING
  } as const
  const answer = await call(pod.connection, request).catch(ofServer)
  if (answer instanceof ApiError && NO_RIGHT.test(answer.message))
    throw new ScanError('ACCESS_DENIED', answer.message, { cause: answer, hint: `The scanner needs ${RIGHT}.` })
  return answer
}

const RIGHT = 'the verb patch on pods/ephemeralcontainers of this pod'

/** A refusal by right or policy. Throws TARGET_CHANGED for that of another pod, and rethrows any other error. */
const ofServer = (error: unknown): ApiError => {
  if (error instanceof ApiError && error.status === 422 && error.message.includes('metadata.uid'))
    throw new ScanError('TARGET_CHANGED', 'Another pod has the name of the target by now: no helper was added to it', { cause: error, hint: 'Scan it again.' })
  if (isRefusal(error)) return error
  throw error
}

/** RBAC's words, which are no policy's. */
const NO_RIGHT = /cannot patch resource "pods\/ephemeralcontainers"/

/** The runtime's words for a helper that is not the toolbox. */
export const lacksToolbox = (error: unknown): boolean =>
  error instanceof ScanError && error.code === 'HELPER_FAILED' && /\/kscan\/bin\/hold\b.*no such file/is.test(error.message)

/** Waits until the helper runs. Throws HELPER_FAILED with the runtime's reason. */
export const untilRunning = async (pod: HelperPod, spec: HelperSpec): Promise<void> => {
  const end = pod.clock.now() + READY_MS
  for (;;) {
    const state = (await pod.stateOf(spec.name)) ?? {}
    if (state.running !== undefined) return
    if (state.terminated !== undefined || isHopeless(state) || pod.clock.now() > end)
      throw new ScanError('HELPER_FAILED', `The helper ${spec.name} in ${pod.namespace}/${pod.pod} did not start: ${reasonOf(state)}`, {
        hint: `${spec.command === undefined ? `Can the node pull ${spec.image}, and may the pod run a container with user ${spec.uid}?` : 'Use the toolbox, or an image with sleep, sh, cat and readlink.'} Its entry stays in the pod until the pod is gone.`
      })
    await pod.clock.sleep(LOOK_MS, pod.signal)
  }
}

/** The process by which the helper's files are reached. Throws HELPER_FAILED. */
export const findLender = async (pod: HelperPod, helper: string): Promise<Lender> => {
  const [pid, start] = await askHelper(pod, helper, { argv: HELPER_PID, what: 'its process id' })
  return { pid: Number(pid), start }
}

/** User and group of the container whose processes the helper shares, as the kernel has them. Throws HELPER_FAILED. */
export const idsOfTarget = async (pod: HelperPod, helper: string): Promise<UserIds> => {
  const [uid, gid] = await askHelper(pod, helper, { argv: HELPER_IDS, what: 'which user the container runs as' })
  return { uid: Number(uid), gid: Number(gid) }
}

/** What a helper of an image that is not the toolbox lends. Throws HELPER_FAILED. */
export const findForeign = async (pod: HelperPod, helper: string): Promise<ForeignHelper> => {
  const { stdout, stderr, code } = await executeInHelper(pod, helper, FOREIGN_LOOK)
  return foreignTools(code === 0 ? stdout : stderr)
}

/** The two numbers that a program of the toolbox prints. */
const askHelper = async (pod: HelperPod, helper: string, { argv, what }: { argv: readonly string[]; what: string }): Promise<[string, string]> => {
  const { stdout, stderr, code } = await executeInHelper(pod, helper, argv)
  const [, first, second] = /^(\d+) (\d+)\n$/.exec(stdout) ?? []
  if (code === 0 && first !== undefined && second !== undefined) return [first, second]
  throw new ScanError('HELPER_FAILED', `The helper ${helper} in ${pod.namespace}/${pod.pod} did not say ${what}: ${printableLine(stderr || stdout, 200)}`, {
    hint: 'Is helper-image the toolbox of this version?'
  })
}

/**
 * Ends the helper's process; its entry stays in the pod. Resolves with false when it did not run: one that never started ends by itself, should it start later.
 */
export const endHelper = async (pod: HelperPod, helper: string): Promise<boolean> => {
  if ((await pod.stateOf(helper))?.running === undefined) return false
  const { code } = await executeInHelper(pod, helper, HELPER_END)
  if (code === 0) return true
  const foreign = await executeInHelper(pod, helper, FOREIGN_END)
  if (foreign.code !== 0 && (await stillRuns(pod, helper)))
    throw new ScanError('HELPER_FAILED', `The helper ${helper} still runs: ${printableLine(foreign.stderr, 200)}`)
  return true
}

/** The API learns of a process that has just ended by and by. */
const stillRuns = async (pod: HelperPod, helper: string): Promise<boolean> => {
  const end = pod.clock.now() + LEARN_MS
  while ((await pod.stateOf(helper))?.running !== undefined) {
    if (pod.clock.now() > end) return true
    await pod.clock.sleep(LOOK_MS, pod.signal)
  }
  return false
}

/** The node's refusal where the helper has ended. Rethrows any other error. */
const ofEndedHelper = (error: unknown): UpgradeRefused => {
  if (error instanceof UpgradeRefused && error.code !== 'ACCESS_DENIED' && !error.blocked) return error
  throw error
}

const executeInHelper = async (pod: HelperPod, container: string, argv: readonly string[]): Promise<{ stdout: string; stderr: string; code: number }> => {
  const { promise, resolve } = Promise.withResolvers<number>()
  const said = { stdout: '', stderr: '' }
  const limit = AbortSignal.any([pod.signal, AbortSignal.timeout(EXEC_MS)])
  const target = { namespace: pod.namespace, pod: pod.pod, container }
  const events: StreamEvents = {
    onOutput: (channel, chunk) => (said[channel] = `${said[channel]}${chunk.toString('utf8')}`.slice(0, 4096)),
    onEnd: (end) => {
      if (end.kind !== 'exited') said.stderr = end.message
      resolve(end.kind === 'exited' ? end.code : -1)
    }
  }
  const stream = await openExec(pod.connection, { target, argv }, { events, signal: limit }).catch(ofEndedHelper)
  if (stream instanceof ScanError) return { stdout: '', stderr: stream.message, code: -1 }
  const code = await promise
  stream.close()
  return { ...said, code }
}
