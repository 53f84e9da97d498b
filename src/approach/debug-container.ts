import { changedNothing } from '../cluster/api.ts'
import type { ContainerRights } from '../kernel/container-rights.ts'
import type { UserIds } from '../cluster/container-state.ts'
import { ScanError } from '../kernel/error.ts'
import { lentShell } from '../session/lent-shell.ts'
import type { Session } from '../session/session.ts'
import { foreignShell } from '../session/foreign-shell.ts'
import { addHelper, admittedHelpers, findForeign, findLender, type HelperPod, idsOfTarget, untilRunning } from './ephemeral-container.ts'
import { foreignCommand } from './foreign-helper.ts'
import { type HelperSpec, lentShellArgv } from './helper-spec.ts'
import { openShellSession, type ShellOptions } from './shell-session.ts'

/** A helper to add to a pod. */
export interface HelperOptions {
  readonly pod: HelperPod
  readonly spec: HelperSpec
  /** The user accepts a cluster that would admit worse than the helper. */
  readonly unpoliced: boolean
  /** Called before the helper is added, so that it can be ended after the session; returns what is called when it was not. */
  readonly onHelper: () => () => void
  /** Called when its entry is in the pod, or may be: an answer can be lost, and with it what the helper may do there. */
  readonly onKept: (rights: ContainerRights | undefined) => void
}

/** What the approach debug-container needs. */
export interface DebugContainerOptions extends ShellOptions, HelperOptions {}

/**
 * A session over a lent shell: an ephemeral container of the pod lends its files, by way of its process in the namespace that it shares with the target,
 * and the shell is executed in the target. Rejects with HELPER_REFUSED, HELPER_FAILED, TARGET_UNUSABLE, TARGET_CHANGED, ACCESS_DENIED or SESSION_FAILED.
 */
export const openDebugContainer = async (options: DebugContainerOptions): Promise<Session> => {
  const { pod, spec } = options
  await startHelper(options)
  const lender = await findLender(pod, spec.name)
  const dialect = lentShell({ podUid: pod.podUid, container: options.target.container, lender })
  return await openShellSession({ argv: lentShellArgv(lender.pid), dialect }, options)
}

/**
 * The same through a helper of any image with a shell: what it lends is found by looking, and answers less (see `foreign-shell.ts`). Rejects as above.
 */
export const openForeignContainer = async (options: DebugContainerOptions): Promise<Session> => {
  const { pod, target } = options
  const spec = { ...options.spec, command: foreignCommand(options.spec.lifetime) }
  await startHelper({ ...options, spec })
  const helper = await findForeign(pod, spec.name)
  return await openShellSession({ argv: helper.sh, dialect: foreignShell({ ...helper, podUid: pod.podUid, container: target.container }) }, options)
}

/**
 * User and group of a container of which the API says neither: asked of a helper that is any other user. Rejects as above; HELPER_FAILED too where the pod
 * shares its processes.
 */
export const askUser = async (options: HelperOptions): Promise<UserIds> => {
  await startHelper(options)
  return await idsOfTarget(options.pod, options.spec.name)
}

const startHelper = async ({ pod, spec, unpoliced, onHelper, onKept }: HelperOptions): Promise<void> => {
  if (!unpoliced) await demandPolicy(pod, spec)
  const forget = onHelper()
  const rights = await addHelper(pod, spec).catch((error: unknown) => {
    if (changedNothing(error)) forget()
    else onKept(undefined)
    throw error
  })
  onKept(rights)
  await untilRunning(pod, spec)
}

/** How many are told one by one. */
const TOLD = 6

const listOf = (admitted: readonly string[]): string => {
  const more = admitted.length - TOLD
  return `${admitted.slice(0, TOLD).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

const demandPolicy = async (pod: HelperPod, spec: HelperSpec): Promise<void> => {
  const admitted = await admittedHelpers(pod, spec)
  if (admitted.length === 0) return
  throw new ScanError('HELPER_REFUSED', `The right to add a helper to ${pod.namespace}/${pod.pod} would also give the scanner ${listOf(admitted)}`, {
    hint: 'Install an admission policy that refuses these (docs/approaches.md), or accept it with allow: unpoliced-ephemeral-container.'
  })
}
