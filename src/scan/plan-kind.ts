import type { KindPlan } from '../cluster/kind/plan.ts'
import type { Config } from '../config/config.ts'
import { printableLine } from '../kernel/name.ts'
import { imageTarget, type Target } from '../target/facts.ts'
import { imagePod } from './kind-wish.ts'

/** A cluster that a scan would make, line by line; nothing of it was done. `targets`: as far as they are known before there is one. */
export interface KindLines {
  readonly before: readonly string[]
  readonly targets: readonly Target[]
  readonly after: readonly string[]
}

export const kindLines = (plan: KindPlan, config: Config, namespace: string): KindLines => {
  const { engine, kind, reach, nodeImage, load } = plan
  const pod = imagePod(config, load)
  const applied = [...plan.manifests, ...(pod === undefined ? [] : [pod.manifest])]
  const program = kind.kind === 'there' ? kind.program.file : kind.file
  const image = nodeImage === undefined ? '' : ` --image ${nodeImage}`
  const set = plan.config === undefined ? '' : ' --config FILE'
  return {
    before: [
      `Cluster: made for the run by kind, with ${engine.name} ${engine.version}${engine.endpoint === '' ? '' : ` at ${engine.endpoint}`} (${reach.kind}: ${reach.why})`,
      ...(kind.kind === 'there' ? [] : [`  downloaded first: ${kind.url} (SHA-256 ${kind.sha256})`]),
      `  ${program} create cluster --name kscan-RUN-END${image}${set}`,
      ...(reach.kind === 'network' ? [`  ${engine.name} network connect kind ${reach.container}`] : []),
      ...load.map((name) => `  loaded into its nodes: ${printableLine(name)}`),
      ...applied.map(({ object, source }) => `  applied: ${printableLine(`${object.kind.toLowerCase()}/${object.metadata.name} (${source})`, 300)}`),
      ...plan.warnings.map((line) => `  but: ${line}`)
    ],
    targets: [targetOf(config, { namespace, pod: pod?.manifest.object.metadata.name })],
    after: ['Removed at last: the kind cluster, with all in it']
  }
}

/** What will be scanned has no container yet: the place of its pod is held by a word. */
const targetOf = ({ target }: Config, { namespace, pod }: { namespace: string; pod: string | undefined }): Target => {
  if (target?.kind === 'image') return { ...imageTarget(target.image, namespace), pod: pod ?? '' }
  const what = target === undefined ? 'nothing' : wordsOf(target)
  return { ...imageTarget('IMAGE', namespace), name: what, pod: target?.kind === 'pod' ? target.pod : 'POD' }
}

const wordsOf = (target: Exclude<NonNullable<Config['target']>, { kind: 'image' }>): string => {
  if (target.kind === 'pod') return `pod/${target.pod}`
  return target.kind === 'workload' ? `${target.workload}/${target.name}` : `${target.select} with ${printableLine(target.selector)}`
}
