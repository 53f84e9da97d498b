import { askUser, type HelperOptions, openDebugContainer, openForeignContainer } from '../approach/debug-container.ts'
import { endHelper, lacksToolbox } from '../approach/ephemeral-container.ts'
import type { HelperSpec } from '../approach/helper-spec.ts'
import type { UserIds } from '../cluster/container-state.ts'
import { openKubernetesApi } from '../approach/kubernetes-api.ts'
import { uncollected, uncollectedText } from '../session/ended.ts'
import { demandHeadroom } from '../session/headroom.ts'
import type { Session } from '../session/session.ts'
import type { Target } from '../target/facts.ts'
import { note } from '../undo/note.ts'
import { helperPod } from './helper-pod.ts'
import { openDeployed } from './open-deployed.ts'
import { openTwin } from './open-twin.ts'
import { HELPER_MARGIN_S, type OneWay, type Opened, SESSION_UNDO_MS, type SessionPlan, type SessionRoom, shellOptions } from './session-room.ts'

/** Opens the session of one target by one approach; what it makes is undone by the room's scope. */
export const openSession = async (target: Target, plan: OneWay, room: SessionRoom): Promise<Omit<Opened, 'way'>> => {
  const opened = await open(target, plan, room)
  try {
    await demandHeadroom(target.name, (code) => opened.session.inspect(code, LOOK_MS))
    await watchEnded(opened, room)
    return opened
  } catch (error) {
    await opened.session.close() // it would take room from what has none
    throw error
  }
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

/** Notes how many ended processes more than now the container lists when the session closes. */
const watchEnded = async ({ session, target }: Omit<Opened, 'way'>, { ports, scope, kept }: SessionRoom): Promise<void> => {
  const count = (): Promise<number | undefined> => uncollected((code) => session.inspect(code, LOOK_MS))
  const before = await count()
  if (before === undefined) return
  const undo = async (): Promise<void> => {
    const after = session.idle ? await Promise.race([count(), ports.clock.sleep(COUNT_MS)]) : undefined
    if (after !== undefined && after > before) kept.push(uncollectedText(target.name, after - before))
  }
  scope.defer({ what: `count of ended processes ${target.name}`, limit: 2 * COUNT_MS, undo })
}

const LOOK_MS = 10_000
/** What is told beside the answers may not take the time of what has to be undone. */
const COUNT_MS = 500
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
  const { clock, signal } = room.ports
  const pod = helperPod(plan.connection, target, { clock, signal: AbortSignal.any([room.over, signal]) })
  const helper = (user: UserIds): HelperOptions => {
    const spec = helperFor(target, user, { plan, index: room.kept.length })
    return {
      pod,
      spec,
      unpoliced: plan.approach.unpoliced,
      onKept: (rights) => {
        room.kept.push(`ephemeral container ${target.namespace}/${target.pod}/${spec.name}: its process has ended, and the entry goes with the pod`)
        const policy = plan.approach.unpoliced ? 'not-asked' : 'refuses'
        room.helpers.push({ by: 'kscan', as: 'ephemeral-container', image: spec.image, policy, rights })
      },
      onHelper: () => undoHelper({ target, plan, room, name: spec.name })
    }
  }
  const user = target.user ?? (await askUser(helper(NOBODY)))
  const options = shellOptions(target, plan, room)
  const session = await openDebugContainer({ ...options, ...helper(user) }).catch((error: unknown) => {
    if (!lacksToolbox(error)) throw error
    room.ports.host.log.warn(`${plan.approach.image} is not the toolbox: ${FOREIGN}`)
    return openForeignContainer({ ...options, ...helper(user) })
  })
  room.scope.defer({ what: `session ${target.name}`, limit: SESSION_UNDO_MS, undo: () => session.close() })
  return session
}

const FOREIGN =
  'a second helper lends what the image has. Controls that rest on processes, packages, services or on whether a program is there cannot be judged through it, and nothing keeps a hostile target from answering in its place.'

/** Not by the signal of an interruption: it is then that it is undone. Returns what takes the undoing back. */
const undoHelper = ({ target, plan, room, name }: { target: Target; plan: SessionPlan; room: SessionRoom; name: string }): (() => void) => {
  const { namespace, pod, podUid } = target
  const undo = async (): Promise<void> => void (await endHelper(helperPod(plan.connection, target, { clock: room.ports.clock, signal: room.over }), name))
  const { forget } = note(
    {
      entry: { kind: 'helper', namespace, pod, podUid, container: name },
      what: `process of the helper ${namespace}/${pod}/${name}`,
      limit: HELPER_UNDO_MS,
      undo
    },
    { journal: plan.journal, scope: room.scope }
  )
  return forget
}

/** At most 58 characters; what is cut is told apart by the place of its target. */
const helperName = (whole: string, place: number): string => (whole.length <= 58 ? whole : `${whole.slice(0, 52)}-${place}`)

/** The helper that only asks. */
const NOBODY: UserIds = { uid: 65534, gid: 65534 }

const helperFor = (target: Target, user: UserIds, { plan, index }: { plan: OneWay<'debug-container'>; index: number }): HelperSpec => ({
  name: helperName(`kscan-${plan.run}-${target.container}`, plan.index) + `-${index}`,
  image: plan.approach.image,
  onNode: plan.loaded?.includes(plan.approach.image) === true,
  target: target.container,
  ...user,
  lifetime: Math.ceil(plan.scanTimeout / 1000) + HELPER_MARGIN_S
})
