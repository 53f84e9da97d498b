import { stringify } from 'yaml'
import { z } from 'zod'
import type { Problem } from '../../kernel/error.ts'
import { printableLine } from '../../kernel/name.ts'
import { parseYaml } from '../../kernel/yaml.ts'

/** The parts of a configuration of kind (kind.x-k8s.io/v1alpha4, Cluster) that we read; the rest is kind's own. */
const KindConfig = z.looseObject({
  kind: z.literal('Cluster'),
  apiVersion: z.literal('kind.x-k8s.io/v1alpha4'),
  nodes: z.array(z.looseObject({ role: z.string().optional(), image: z.string().optional() })).nullish(),
  networking: z.looseObject({ apiServerAddress: z.string().optional() }).nullish()
})
export type KindConfig = z.infer<typeof KindConfig>

const EXPECTED = 'a configuration of kind: kind: Cluster, apiVersion: kind.x-k8s.io/v1alpha4'

/** Reads a configuration; a problem where it is none. */
export const readKindConfig = (given: { readonly path: string; readonly text: string }): KindConfig | Problem => {
  const document = parseYaml(given.text, {})
  const [fault] = document.errors
  const wrong = (why: string): Problem => ({ name: 'kind-config', expected: EXPECTED, got: `${given.path}: ${printableLine(why, 200)}` })
  if (fault !== undefined) return wrong(`${fault.code}${fault.linePos === undefined ? '' : ` at line ${fault.linePos[0].line}`}`)
  const read = KindConfig.safeParse(document.toJS({ maxAliasCount: 10 }))
  if (read.success) return read.data
  const [issue] = read.error.issues
  return wrong(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
}

export const isProblem = (read: KindConfig | Problem): read is Problem => 'expected' in read && 'got' in read

/** Node images that a configuration names itself. */
export const imagesIn = (config: KindConfig | undefined): string[] => (config?.nodes ?? []).flatMap(({ image }) => (image === undefined ? [] : [image]))

/** kind itself would look for a free port of this machine, and at an address of another one finds none. */
const ENGINE_CHOOSES = -1

/** The text to hand to kind: what the user gave, listening where it can be reached; undefined where kind's own defaults will do. */
export const kindConfigText = (config: KindConfig | undefined, listen: string | undefined): string | undefined => {
  if (config === undefined && listen === undefined) return undefined
  const base = config ?? { kind: 'Cluster', apiVersion: 'kind.x-k8s.io/v1alpha4' }
  if (listen === undefined) return stringify(base)
  if (config?.networking?.apiServerAddress !== undefined) return stringify(base)
  return stringify({ ...base, networking: { apiServerPort: ENGINE_CHOOSES, ...config?.networking, apiServerAddress: listen } })
}
