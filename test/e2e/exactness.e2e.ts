import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { openKubernetesApi } from '../../src/approach/kubernetes-api.ts'
import type { Cluster } from '../../src/cluster/existing.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import type { Session } from '../../src/session/session.ts'
import { HOSTILE } from '../support/hostile-commands.ts'
import { callerOf, exec } from '../conformance/client.ts'
import { byArgv } from '../support/local-stream.ts'
import { KUBECONFIG, NAMESPACE, openCluster, removePod, startPod, untilReady } from './cluster.ts'

/** kubectl tells a status other than 0 in a line of its own at the end of stderr, and by its own exit code. */
const WORD = /command terminated with exit code (\d+)\n$/

interface Truth {
  readonly stdout: Buffer
  readonly stderr: Buffer
  readonly status: number
}

const byKubectl = async (pod: string, command: string): Promise<Truth> => {
  const answer = await byArgv('kubectl', ['--kubeconfig', KUBECONFIG, 'exec', '-n', NAMESPACE, pod, '--', '/bin/sh', '-c', command])
  const match = WORD.exec(answer.stderr.toString('latin1'))
  return match === null ? answer : { ...answer, stderr: answer.stderr.subarray(0, answer.stderr.length - match[0].length) }
}

const ExitCode = z.object({ details: z.object({ causes: z.tuple([z.object({ reason: z.literal('ExitCode'), message: z.coerce.number() })]) }) })

/** What kubectl does, without the cost of starting it. */
const byStream = async (pod: string, command: string): Promise<Truth> => {
  const argv = ['/bin/sh', '-c', command].map((word) => ['command', word] as const)
  const path = `/api/v1/namespaces/${NAMESPACE}/pods/${pod}/exec`
  const { bytes, status } = await exec(callerOf(KUBECONFIG), { path, query: [...argv, ['stdout', 'true'], ['stderr', 'true']] })
  const code = z.object({ status: z.literal('Success') }).safeParse(status).success ? 0 : ExitCode.parse(status).details.causes[0].message
  return { ...bytes, status: code }
}

// In a container as on the wire, commands are UTF-8 text: others cannot be given to kubectl. `kubectl exec` shows busybox's SHLVL as 1, a nested shell as 2.
const COMPARED = HOSTILE.filter((command): command is string => typeof command === 'string')

/** What the commands leave running becomes the ended children of process 1: not of a pod of which others look whether it has any. */
const OWN = [
  ['exact-debian', 'test.local/debian:1'],
  ['exact-busybox', 'test.local/busybox:1']
] as const
const sleeping = (image: string): object => ({ containers: [{ name: 'main', image, imagePullPolicy: 'Never', command: ['sleep', '1000000'] }] })
beforeAll(async () => {
  for (const [name, image] of OWN) await removePod(name).then(() => startPod(name, { ...sleeping(image) }, image))
  for (const [name] of OWN) await untilReady(name)
})
afterAll(async () => {
  for (const [name] of OWN) await removePod(name)
})

describe.each([
  ['exact-debian', 'kubectl exec', byKubectl],
  ['exact-busybox', 'an exec stream', byStream],
  ['bash', 'an exec stream', byStream],
  ['old-bash', 'an exec stream', byStream]
] as const)('commands in the pod %s', (pod, yardstick, truth) => {
  let cluster: Cluster
  let session: Session
  beforeAll(async () => {
    cluster = await openCluster()
    session = await openKubernetesApi({
      connection: cluster.connection,
      target: { namespace: NAMESPACE, pod, container: 'main' },
      clock: systemClock,
      check: () => Promise.resolve(),
      signal: new AbortController().signal,
      interrupt: new AbortController().signal
    })
  })
  afterAll(async () => {
    await session.close()
    cluster.connection.agent.destroy()
  })

  test(`${COMPARED.length} hostile commands answer as ${yardstick} by argv does`, async () => {
    const different: string[] = []
    for (const command of COMPARED) {
      const [wanted, got] = await Promise.all([truth(pod, command), session.run(Buffer.from(command), 30_000)])
      const same = got.kind === 'done' && got.status === wanted.status && got.stdout.equals(wanted.stdout) && got.stderr.equals(wanted.stderr)
      const shown = got.kind === 'done' ? `${got.status} ${got.stdout.toString().slice(0, 200)} | ${got.stderr.toString().slice(0, 200)}` : JSON.stringify(got)
      if (!same)
        different.push(
          `${command.slice(0, 100)}\n  session: ${shown}\n  yardstick: ${wanted.status} ${wanted.stdout.toString().slice(0, 200)} | ${wanted.stderr.toString().slice(0, 200)}`
        )
    }
    expect(different).toEqual([])
  })
})
