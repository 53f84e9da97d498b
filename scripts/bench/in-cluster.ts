import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readyAuditor } from '../../src/auditor/install.ts'
import { openExisting } from '../../src/cluster/existing.ts'
import { silentLog } from '../../src/kernel/log.ts'
import { type BenchProfile, median, type Seen, timeAlone, timeFloor, timeLive } from './audits.ts'
import { timeFirstRequest } from './first-request.ts'
import { timeLent } from './lent.ts'
import { peakMemory, timeScan, timeTruth } from './whole.ts'
import { writeProfile } from '../generate-profile.ts'
import { FETCHING } from '../../src/kernel/fetching.ts'

export interface Asked {
  readonly profile?: string | undefined
  readonly pairs: string
  readonly pod: string
}

/** The figures that are taken on the cluster of KSCAN_E2E_KUBECONFIG. */
export const benchInCluster = async (values: Asked, show: (what: string, figure: string, wanted: string) => void): Promise<void> => {
  const kubeconfig = process.env['KSCAN_E2E_KUBECONFIG']
  if (kubeconfig === undefined) throw new Error('KSCAN_E2E_KUBECONFIG must name the kubeconfig of a test cluster with the pods of test/fixtures/pods')

  const folder = mkdtempSync(join(tmpdir(), 'kscan-bench-'))
  const pairs = Number(values.pairs)
  const profile = values.profile ?? join(folder, 'profile')
  if (values.profile === undefined) writeProfile(profile, 180)
  const where = { kubeconfig, namespace: 'kscan-e2e', pod: values.pod, container: 'main', profile, folder }

  const cluster = await openExisting({ kubeconfig, context: undefined, allowExec: false, env: {} })
  const target = { ...where, cluster }
  const env = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' }
  const auditor = await readyAuditor({
    order: ['gems'],
    fetching: FETCHING,
    toolFolder: join(folder, 'tools'),
    pluginFolder: join(import.meta.dirname, '..', '..', 'src', 'auditor', 'plugin'),
    env,
    log: silentLog,
    signal: new AbortController().signal
  })

  const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`
  const first: number[] = []
  for (let round = 0; round < pairs; round += 1) first.push(await timeFirstRequest())
  show('the bundled command line to its first request', `${Math.round(median(first))} ms`, 'wanted < 400 ms')

  /** The auditor phase against the same auditor fed from memory, in pairs one after the other. */
  const compare = async (detection: BenchProfile['detection'], wanted: string): Promise<void> => {
    const asked: BenchProfile = { profile, detection }
    const seen: Seen = new Map()
    await timeLive(auditor, asked, { target, seen })
    const rounds: { live: number; floor: number; alone: number }[] = []
    for (let pair = 0; pair < pairs; pair += 1)
      rounds.push({ live: await timeLive(auditor, asked, { target }), floor: await timeFloor(auditor, asked, seen), alone: await timeAlone(target, seen) })
    const middle = (read: (round: (typeof rounds)[number]) => number): number => median(rounds.map(read))
    show(
      `auditor phase / the same auditor fed from memory (${detection})`,
      `${middle(({ live, floor }) => live / floor).toFixed(2)} (${seconds(middle(({ live }) => live))} / ${seconds(middle(({ floor }) => floor))}, ${seen.size} commands)`,
      wanted
    )
    show(
      `auditor phase / (fed from memory + its commands in one script) (${detection})`,
      `${middle(({ live, floor, alone }) => live / (floor + alone)).toFixed(2)} (the script ${seconds(middle(({ alone }) => alone))})`,
      'what a session adds'
    )
  }
  await compare('docker', 'wanted ≤ 1.4')
  await compare('native', 'all controls run')

  const whole: number[] = []
  const rest: number[] = []
  await timeScan(where)
  for (let round = 0; round < pairs; round += 1) {
    const scan = await timeScan(where)
    whole.push(scan.wall)
    rest.push(scan.wall - scan.audit)
  }
  show('the fixed rest of a scan (all but the audit)', seconds(median(rest)), 'wanted ≤ 1.5 s')

  const truth: number[] = []
  for (let round = 0; round < 2; round += 1) truth.push(await timeTruth(where, auditor))
  show(
    'one kubectl exec per command / the whole scan',
    `${(median(truth) / median(whole)).toFixed(1)} (${seconds(median(truth))} / ${seconds(median(whole))})`,
    'wanted ≥ 5'
  )

  const memory = await peakMemory(where)
  show('peak memory while a command prints 200 MB', `${Math.round(memory.megabytes)} MB (${memory.said})`, 'wanted < 150 MB, and an error')

  const lent = await timeLent(cluster, pairs)
  show('from the patch that adds a helper to a lent shell that answers', seconds(lent.ready), 'wanted ≤ 3 s')
  show("commands by the lent shell / by the target's own", lent.ratio.toFixed(2), 'wanted ≤ 1.5')

  cluster.connection.agent.destroy()
  rmSync(folder, { recursive: true, force: true })
}
