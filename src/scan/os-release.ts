import { openKubernetesApi } from '../approach/kubernetes-api.ts'
import type { Connection } from '../cluster/connection.ts'
import type { Clock } from '../kernel/clock.ts'
import { messageOf, ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { type OsRelease, parseOsRelease } from '../profile/os-release.ts'
import type { Session } from '../session/session.ts'
import type { Target } from '../target/facts.ts'

const READ = Buffer.from('cat /etc/os-release')
const READ_MS = 10_000

interface Reading {
  readonly connection: Connection
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** The system that a running container says it is, read by its own shell with the caller's rights. Rejects with TARGET_UNUSABLE, ACCESS_DENIED or SESSION_FAILED. */
export const osReleaseOf = async (target: Target, reading: Reading): Promise<OsRelease> => {
  const session = await open(target, reading)
  const text = await read(session).finally(() => session.close())
  try {
    return parseOsRelease(text)
  } catch (error) {
    throw unknown(target, `its /etc/os-release: ${messageOf(error)}`)
  }
}

const open = async (target: Target, reading: Reading): Promise<Session> => {
  try {
    return await openKubernetesApi({ ...reading, target, interrupt: reading.signal, check: () => Promise.resolve() })
  } catch (error) {
    throw error instanceof ScanError && error.code === 'TARGET_UNUSABLE' ? unknown(target, error.message) : error
  }
}

/** What the file says: nothing where it cannot be read. */
const read = async (session: Session): Promise<string> => {
  const outcome = await session.run(READ, READ_MS)
  if (outcome.kind !== 'done') throw new ScanError('SESSION_FAILED', `/etc/os-release could not be read: ${outcome.message}`)
  return outcome.status === 0 ? outcome.stdout.toString() : ''
}

const unknown = ({ name, namespace, pod, container }: Target, why: string): ScanError =>
  new ScanError('TARGET_UNUSABLE', `Which system ${name} has is not known: ${printableLine(why)}`, {
    hint: `Give the file with --os-release. Of an image without a shell this prints it, by a container whose entry stays in the pod: kubectl debug -n ${namespace} ${pod} --image=busybox --target=${container} -i -- cat /proc/1/root/etc/os-release`
  })
