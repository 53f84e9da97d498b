import { type Allowed, type ApproachKind, choose, type Known, type Rejected } from '../approach/choose.ts'
import { type ErrorCode, ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { lackingTools, TOOLS } from '../session/tools.ts'
import { sameAsBefore, type Target } from '../target/facts.ts'
import { type Auto, oneOf } from './approach.ts'
import { openSession } from './open-session.ts'
import type { Opened, SessionPlan, SessionRoom } from './session-room.ts'

/** Opens the session of one target: by the approach that was asked for, else by the first of the decision table that works. */
export const chooseSession = async (target: Target, plan: SessionPlan, room: SessionRoom): Promise<Opened> => {
  const { approach } = plan
  if (approach.kind === 'auto') return await tryAll(target, { ...plan, approach }, room)
  return { ...(await openSession(target, { ...plan, approach }, room)), way: { approach: approach.kind, why: 'it was asked for' } }
}

/** After these another approach may work; any other failure would be the same again, or hides what the target is. */
const GO_ON: ReadonlySet<ErrorCode> = new Set(['TARGET_UNUSABLE', 'TARGET_FULL', 'POLICY_REFUSED', 'HELPER_REFUSED', 'HELPER_FAILED'])

type Reached = Omit<Opened, 'way'>
type AutoPlan = SessionPlan & { readonly approach: Auto }

const tryAll = async (target: Target, plan: AutoPlan, room: SessionRoom): Promise<Opened> => {
  const failed = new Map<ApproachKind, string>()
  let own: Reached | undefined
  let lacking: readonly string[] | undefined
  for (;;) {
    const known: Known = { allow: new Set(plan.approach.allow), helper: target.deployed !== undefined, lacking, failed }
    const { approach, why, rejected } = choose(known)
    room.rejected.splice(0, Infinity, ...rejected)
    if (approach === undefined) throw noneLeft(target, known, { rejected, image: plan.approach.image })
    if (own !== undefined && approach === 'kubernetes-api') {
      warnOf(lacking ?? [], target, room)
      return { ...own, way: settled(target, { approach, why }, room) }
    }
    const opened = await attempt(target, { plan, approach, failed }, room)
    if (opened === undefined) continue
    if (approach === 'kubernetes-api') {
      own = opened
      lacking = plan.needsTools ? await lackingTools((code) => opened.session.inspect(code, LOOK_MS)) : []
    } else {
      await own?.session.close()
      return { ...opened, way: settled(target, { approach, why }, room) }
    }
  }
}

const LOOK_MS = 10_000

/** Undefined when the approach does not work here; why is noted. */
const attempt = async (
  target: Target,
  { plan, approach, failed }: { plan: AutoPlan; approach: ApproachKind; failed: Map<ApproachKind, string> },
  room: SessionRoom
): Promise<Reached | undefined> => {
  const one = oneOf(plan.approach, approach)
  try {
    await plan.grantMore(target, one, plan.index)
  } catch (error) {
    if (!(error instanceof ScanError) || error.code !== 'ACCESS_DENIED') throw error
    failed.set(approach, printableLine(error.message, 300))
    return undefined
  }
  try {
    return await openSession(target, { ...plan, approach: one }, room)
  } catch (error) {
    if (!(error instanceof ScanError) || !GO_ON.has(error.code)) throw error
    if (approach !== 'twin-pod') await sameAsBefore(plan.connection, target, room.ports.signal) // a shell that went with its container says nothing of the image
    failed.set(approach, printableLine(error.message, 300))
    const also: ApproachKind[] = error.code === 'TARGET_FULL' ? ['sidecar-container', 'debug-container'] : []
    for (const lent of also) failed.set(lent, SAME_LIMIT)
    return undefined
  }
}

const SAME_LIMIT = 'what is lent would run within the same memory limit'

const warnOf = (lacking: readonly string[], { name }: Target, { ports }: SessionRoom): void => {
  for (const tool of lacking) ports.host.log.warn(`${name} lacks ${tool}: controls that rest on it (${TOOLS[tool]}) may fail or be unjudged`)
}

const settled = (target: Target, way: Opened['way'], room: SessionRoom): Opened['way'] => {
  const { log } = room.ports.host
  log.info(`  ${target.name}: ${way.approach}: ${way.why}`)
  for (const { approach, why } of room.rejected) log.info(`    not ${approach}: ${why}`)
  return way
}

/** All reasons, and what would open a way. */
const noneLeft = ({ name }: Target, { allow }: Known, { rejected, image }: { rejected: readonly Rejected[]; image: string }): ScanError => {
  const reasons = rejected.map(({ approach, why }) => `${approach}: ${why}`).join('; ')
  const full = rejected.some(({ why }) => why === SAME_LIMIT)
  const helper: Allowed[] = full || allow.has('ephemeral-container') || allow.has('unpoliced-ephemeral-container') ? [] : ['ephemeral-container']
  const more: Allowed[] = [...helper, ...(allow.has('scan-pod') ? [] : (['scan-pod'] as const))]
  const unpoliced = !allow.has('unpoliced-ephemeral-container') && rejected.some(({ why }) => why.includes(UNPOLICED))
  const ways = [
    ...(full ? ['Raise resources.limits.memory.'] : []),
    ...(unpoliced ? ['For the helper: an admission policy that limits it (docs/security.md), or allow: unpoliced-ephemeral-container.'] : []),
    hintOf(more, image)
  ]
  return new ScanError('TARGET_UNUSABLE', `There is no way into ${name}: ${reasons}`, { hint: ways.join(' ') })
}

const hintOf = (more: readonly Allowed[], image: string): string =>
  more.length === 0
    ? "All is allowed: change what refused it, or let the pod's owner deploy a helper (the component examples/toolbox-volume, docs/approaches.md)."
    : `Allow ${more.map((one) => ALLOWING[one]).join(', or ')}: allow: ${more.join(',')}${image === '' ? ', with the toolbox as helper-image (docs/approaches.md says how to get it)' : `, with helper-image: ${image}`}`

/** In the words of a helper that no policy limits. */
const UNPOLICED = 'would also give the scanner'

const ALLOWING: Readonly<Partial<Record<Allowed, string>>> = { 'ephemeral-container': 'a helper in its pod', 'scan-pod': 'a pod of its image' }
