import { type Engine, findEngine } from '../cluster/kind/engine.ts'
import { localImage } from '../cluster/kind/images.ts'
import { type KindPlan, planKind, roomOf } from '../cluster/kind/plan.ts'
import { chooseKind, type KindChoice } from '../cluster/kind/program.ts'
import type { ClusterChoice, Config } from '../config/config.ts'
import { EXIT, type ExitCode, ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { kindWish } from '../scan/kind-wish.ts'
import { examineAuditor } from './doctor-auditor.ts'
import type { Request } from './request.ts'

/** Whether a kind cluster can be made here: engine, control groups, disk, kind, images, manifests. Makes and downloads nothing. Exit 4 when something is missing. */
export const examineKind = async (config: Config & { readonly cluster: Extract<ClusterChoice, { kind: 'kind' }> }, request: Request): Promise<ExitCode> => {
  const { host, signal } = request
  const ports = { env: host.env, toolFolder: host.toolFolder, log: host.log, signal, fetching: config.fetching }
  const say = (line: string): void => host.say(line)
  const engine = await told(findEngine(ports), say)
  if (engine !== undefined) await showEngine(engine, say)
  const kind = await told(chooseKind({ ...ports, wanted: config.cluster.version }), say)
  if (kind !== undefined) say(showKind(kind))
  const plan = engine === undefined || kind === undefined ? undefined : await told(planKind(kindWish(config, config.cluster), { ...ports, engine, kind }), say)
  if (plan !== undefined) await showPlan(plan, say, signal)
  const auditor = await examineAuditor(config, request)
  return plan !== undefined && auditor ? EXIT.passed : EXIT.scanFailed
}

type Say = (line: string) => void

/** What is missing is one line with what to do; bad input stays an error of its own. */
const told = async <T>(looking: Promise<T>, say: Say): Promise<T | undefined> => {
  try {
    return await looking
  } catch (error) {
    if (!(error instanceof ScanError) || error.code !== 'CLUSTER_FAILED') throw error
    say(`✗ ${error.message}${error.hint === undefined ? '' : `. ${error.hint}`}`)
    return undefined
  }
}

const showEngine = async (engine: Engine, say: Say): Promise<void> => {
  const where = engine.endpoint === '' ? '' : ` at ${engine.endpoint}`
  say(`✓ ${engine.name} ${engine.version} answers${where} (linux/${engine.arch}, cgroup v${engine.cgroup || '?'}${engine.rootless ? ', rootless' : ''})`)
  const room = await roomOf(engine)
  if (room !== undefined) say(`- ${(room.free / 1024 ** 3).toFixed(1)} GB are free in ${engine.folder}`)
}

const showKind = (kind: KindChoice): string =>
  kind.kind === 'there' ? `✓ kind ${kind.program.version} (${kind.program.file})` : `- kind would be downloaded from ${kind.url}: ${kind.passedOver}`

const showPlan = async ({ engine, nodeImage, load, manifests, warnings, reach }: KindPlan, say: Say, signal: AbortSignal): Promise<void> => {
  const there = nodeImage !== undefined && (await localImage(engine, nodeImage, signal)) !== undefined
  if (nodeImage !== undefined) say(there ? `✓ the node image ${nodeImage} is there` : `- the node image ${nodeImage} would be pulled`)
  say(`✓ its API server would be reached (${reach.kind}): ${reach.why}`)
  for (const image of load) say(`✓ ${printableLine(image)} would be loaded`)
  if (manifests.length > 0) say(`✓ ${manifests.length} objects would be deployed`)
  for (const line of warnings) say(`- ${line}`)
}
