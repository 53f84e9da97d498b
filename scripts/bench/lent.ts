import { openDebugContainer } from '../../src/approach/debug-container.ts'
import { openKubernetesApi } from '../../src/approach/kubernetes-api.ts'
import type { HelperPod } from '../../src/approach/ephemeral-container.ts'
import type { Cluster } from '../../src/cluster/existing.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { endHelper } from '../../src/approach/ephemeral-container.ts'
import { helperPod } from '../../src/scan/helper-pod.ts'
import type { Session } from '../../src/session/session.ts'
import { kubectl, NAMESPACE, removePod, startPod, untilReady } from '../../test/e2e/cluster.ts'
import { readyToolbox, TOOLBOX } from '../../test/e2e/toolbox.ts'
import { median } from './audits.ts'

const POD = 'bench-lent'
/** The image has each of these programs, so both shells run the same ones. */
const COMMANDS = [
  "grep -E '^root:' /etc/passwd | cut -d: -f7",
  'stat -c %a /etc/shadow',
  'uname -r',
  'find /etc -maxdepth 1 -name passwd',
  'test -f /etc/hosts'
]

export interface LentFigures {
  /** Milliseconds from the patch that adds the helper to a shell that answers. */
  readonly ready: number
  /** Time of the same commands by the lent shell and by the target's own. */
  readonly ratio: number
}

/** A lent shell beside the target's own, in a pod of its own, with the helper's image present. */
export const timeLent = async (cluster: Cluster, rounds: number): Promise<LentFigures> => {
  readyToolbox()
  await removePod(POD)
  await startPod(POD)
  await untilReady(POD)
  try {
    return await measure(cluster, rounds)
  } finally {
    await removePod(POD)
  }
}

const measure = async (cluster: Cluster, rounds: number): Promise<LentFigures> => {
  const signal = new AbortController().signal
  const podUid = await kubectl('-n', NAMESPACE, 'get', 'pod', POD, '-o', 'jsonpath={.metadata.uid}')
  const pod = helperPod(cluster.connection, { namespace: NAMESPACE, pod: POD, podUid }, { clock: systemClock, signal })
  const target = { namespace: NAMESPACE, pod: POD, container: POD }
  const shell = { connection: cluster.connection, target, clock: systemClock, check: () => Promise.resolve(), signal, interrupt: signal }
  const own = await openKubernetesApi(shell)
  const [ready, ratio]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now()
    const lent = await lend(pod, { shell, round })
    ready.push(performance.now() - begun)
    ratio.push((await timeCommands(lent.session)) / (await timeCommands(own)))
    await lent.session.close()
    await lent.end()
  }
  await own.close()
  return { ready: median(ready), ratio: median(ratio) }
}

type Shell = Parameters<typeof openKubernetesApi>[0]

const lend = async (pod: HelperPod, { shell, round }: { shell: Shell; round: number }): Promise<{ session: Session; end: () => Promise<unknown> }> => {
  const spec = { name: `kscan-bench-${round}`, image: TOOLBOX, target: POD, uid: 0, gid: 0, lifetime: 600 }
  const session = await openDebugContainer({ ...shell, pod, spec, unpoliced: true, onKept: () => {}, onHelper: () => () => {} })
  return { session, end: () => endHelper(pod, spec.name) }
}

const timeCommands = async (session: Session): Promise<number> => {
  const begun = performance.now()
  for (let round = 0; round < 10; round += 1) for (const command of COMMANDS) await session.run(Buffer.from(command), 10_000)
  return performance.now() - begun
}
