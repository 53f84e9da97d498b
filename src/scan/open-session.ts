import { openDebugContainer } from '../approach/debug-container.ts'
import type { HelperSpec } from '../approach/helper-spec.ts'
import { openKubernetesApi } from '../approach/kubernetes-api.ts'
import { ScanError } from '../kernel/error.ts'
import { demandHeadroom } from '../session/headroom.ts'
import type { Session } from '../session/session.ts'
import type { Target } from '../target/facts.ts'
import { helperPod } from './helper-pod.ts'
import { openDeployed } from './open-deployed.ts'
import { openTwin } from './open-twin.ts'
import { HELPER_MARGIN_S, type OneWay, type Opened, SESSION_UNDO_MS, type SessionPlan, type SessionRoom, shellOptions } from './session-room.ts'

/** Opens the session of one target by one approach; what it makes is undone by the room's scope. */
export const openSession = async (target: Target, plan: OneWay, room: SessionRoom): Promise<Omit<Opened, 'way'>> => {
  const opened = await open(target, plan, room)
  await demandHeadroom(target.name, (code) => opened.session.inspect(code, LOOK_MS))
  return opened
}

const open = async (target: Target, plan: OneWay, room: SessionRoom): Promise<Omit<Opened, 'way'>> => {
  const { approach } = plan
  switch (approach.kind) {
    case 'kubernetes-api':
      return { session: await openOwn(target, plan, room), target }
    case 'debug-container':
      return { session: await openLent(target, { ...plan, approach }, room), target }
    case 'sidecar-container':
      return { session: await openDeployed(target, plan, room), target }
    case 'twin-pod':
      return await openTwin(target, { ...plan, approach }, room)
  }
}

const LOOK_MS = 10_000
const HELPER_UNDO_MS = 2000

const openOwn = async (target: Target, plan: SessionPlan, room: SessionRoom): Promise<Session> => {
  const { namespace, pod, podUid, container, containerId } = target
  const noted: number[] = []
  const session = await openKubernetesApi({
    ...shellOptions(target, plan, room),
    onShell: ({ pid, start }) => noted.push(plan.journal.make({ kind: 'shell', namespace, pod, podUid, container, containerId, pid, start }))
  })
  const undo = async (): Promise<void> => {
    await session.close()
    for (const id of noted) plan.journal.gone(id)
  }
  room.scope.defer({ what: `session ${target.name}`, limit: SESSION_UNDO_MS, undo })
  return session
}

const openLent = async (target: Target, plan: OneWay<'debug-container'>, room: SessionRoom): Promise<Session> => {
  const spec = helperFor(target, plan, room.kept.length)
  const pod = helperPod(plan.connection, target, { clock: room.ports.clock, signal: room.over })
  const session = await openDebugContainer({
    ...shellOptions(target, plan, room),
    pod,
    podUid: target.podUid,
    spec,
    unpoliced: plan.approach.unpoliced,
    onKept: () => room.kept.push(`ephemeral container ${target.namespace}/${target.pod}/${spec.name}`),
    onHelper: (end) => undoHelper(end, { target, plan, room, name: spec.name })
  })
  room.scope.defer({ what: `session ${target.name}`, limit: SESSION_UNDO_MS, undo: () => session.close() })
  return session
}

const undoHelper = (end: () => Promise<void>, made: { target: Target; plan: SessionPlan; room: SessionRoom; name: string }): void => {
  const { target, plan, room, name } = made
  const { namespace, pod, podUid } = target
  const entry = plan.journal.make({ kind: 'helper', namespace, pod, podUid, container: name })
  const undo = async (): Promise<void> => {
    await end()
    plan.journal.gone(entry)
  }
  room.scope.defer({ what: `process of the helper ${namespace}/${pod}/${name}`, limit: HELPER_UNDO_MS, undo })
}

const helperFor = (target: Target, plan: OneWay<'debug-container'>, index: number): HelperSpec => {
  if (target.user === undefined)
    throw new ScanError('TARGET_UNUSABLE', `Which user ${target.name} runs as is not known: neither its status nor its spec says`, {
      hint: 'Set runAsUser and runAsGroup in its securityContext.'
    })
  return {
    name: `kscan-${plan.run}-${target.container}`.slice(0, 60) + `-${index}`,
    image: plan.approach.image,
    target: target.container,
    ...target.user,
    lifetime: Math.ceil(plan.scanTimeout / 1000) + HELPER_MARGIN_S
  }
}
