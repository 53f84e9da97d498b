import { findLender } from '../approach/ephemeral-container.ts'
import { lentShellArgv, MOUNTED_SHELL } from '../approach/helper-spec.ts'
import { openShellSession, type Shell } from '../approach/shell-session.ts'
import { ScanError } from '../kernel/error.ts'
import { lentShell } from '../session/lent-shell.ts'
import type { Session } from '../session/session.ts'
import type { Target } from '../target/facts.ts'
import { helperPod } from './helper-pod.ts'
import { SESSION_UNDO_MS, type SessionPlan, type SessionRoom, shellOptions } from './session-room.ts'

/** A session over a shell that the pod's owner has deployed with it: nothing is added, and the helper goes on when the session has ended. */
export const openDeployed = async (target: Target, plan: SessionPlan, room: SessionRoom): Promise<Session> => {
  const session = await openShellSession(await shellOf(target, plan, room), shellOptions(target, plan, room))
  room.scope.defer({ what: `session ${target.name}`, limit: SESSION_UNDO_MS, undo: () => session.close() })
  return session
}

const shellOf = async (target: Target, { connection }: SessionPlan, room: SessionRoom): Promise<Shell> => {
  const { deployed, podUid, container } = target
  if (deployed === undefined)
    throw new ScanError('TARGET_UNUSABLE', `No helper is deployed with ${target.name}`, {
      hint: 'Deploy one with the pod: examples/toolbox-volume (a toolbox in an emptyDir at /kscan), or examples/sidecar (a container that runs /kscan/bin/hold, and shareProcessNamespace).'
    })
  room.helpers.push({ by: 'owner', as: deployed.kind === 'volume' ? 'volume' : 'container', image: deployed.image, rights: deployed.rights })
  if (deployed.kind === 'volume') return { argv: MOUNTED_SHELL, dialect: lentShell({ podUid, container, lender: undefined }) }
  const lender = await findLender(
    helperPod(connection, target, { clock: room.ports.clock, signal: AbortSignal.any([room.over, room.ports.signal]) }),
    deployed.container
  )
  return { argv: lentShellArgv(lender.pid), dialect: lentShell({ podUid, container, lender }) }
}
