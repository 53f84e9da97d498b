import { ScanError } from '../kernel/error.ts'
import { lentShell } from '../session/lent-shell.ts'
import type { Session } from '../session/session.ts'
import { addHelper, admittedHelpers, endHelper, findLender, type HelperPod, untilRunning } from './ephemeral-container.ts'
import { type HelperSpec, lentShellArgv } from './helper-spec.ts'
import { openShellSession, type ShellOptions } from './shell-session.ts'

/** What the approach debug-container needs beyond a shell's options. */
export interface DebugContainerOptions extends ShellOptions {
  readonly pod: HelperPod
  readonly podUid: string
  readonly spec: HelperSpec
  /** The user accepts a cluster that would admit worse than the helper. */
  readonly unpoliced: boolean
  /** Called before the helper is added, with what ends it; undone after the session is closed. */
  readonly onHelper: (end: () => Promise<void>) => void
  /** Called when its entry is in the pod. */
  readonly onKept: () => void
}

/**
 * A session over a lent shell: an ephemeral container of the pod lends its files, by way of its process in the namespace that it shares with the target,
 * and the shell is executed in the target. Rejects with HELPER_REFUSED, HELPER_FAILED, TARGET_UNUSABLE, TARGET_CHANGED, ACCESS_DENIED or SESSION_FAILED.
 */
export const openDebugContainer = async (options: DebugContainerOptions): Promise<Session> => {
  const { pod, spec, podUid } = options
  if (!options.unpoliced) await demandPolicy(pod, spec)
  options.onHelper(() => endHelper(pod, spec.name))
  await addHelper(pod, spec)
  options.onKept()
  await untilRunning(pod, spec)
  const lender = await findLender(pod, spec.name)
  const dialect = lentShell({ podUid, container: options.target.container, lender })
  return await openShellSession({ argv: lentShellArgv(lender.pid), dialect }, options)
}

const demandPolicy = async (pod: HelperPod, spec: HelperSpec): Promise<void> => {
  const admitted = await admittedHelpers(pod, spec)
  if (admitted.length === 0) return
  throw new ScanError('HELPER_REFUSED', `The right to add a helper to ${pod.namespace}/${pod.pod} would also give the scanner ${admitted.join(', ')}`, {
    hint: 'Install an admission policy that refuses these, or accept it with allow: unpoliced-ephemeral-container.'
  })
}
