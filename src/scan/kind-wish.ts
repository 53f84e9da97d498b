import type { Manifest } from '../cluster/applied/manifest.ts'
import type { KindWish } from '../cluster/kind/plan.ts'
import type { ClusterChoice, Config, TargetChoice } from '../config/config.ts'

/** What the inputs want of a cluster that is made for the run. */
export const kindWish = (config: Pick<Config, 'target' | 'approach'>, cluster: Extract<ClusterChoice, { kind: 'kind' }>): KindWish => {
  const { target, approach } = config
  const helper = 'image' in approach && approach.image !== '' ? [approach.image] : []
  return { ...cluster, otherImages: [...(target?.kind === 'image' ? [target.image] : []), ...helper] }
}

/** A pod that runs an image as it is: what `target-image` means where no pod of ours shows it without running it. */
export const imagePod = (
  { target, approach }: Pick<Config, 'target' | 'approach'>,
  loaded: readonly string[]
): { readonly manifest: Manifest; readonly target: TargetChoice } | undefined => {
  if (target?.kind !== 'image' || approach.kind === 'twin-pod') return undefined
  const name = nameOf(target.image)
  const container = { name, image: target.image, imagePullPolicy: loaded.includes(target.image) ? 'Never' : 'IfNotPresent' }
  const secret = 'pullSecret' in approach && approach.pullSecret !== undefined ? { imagePullSecrets: [{ name: approach.pullSecret }] } : {}
  const spec = { automountServiceAccountToken: false, enableServiceLinks: false, terminationGracePeriodSeconds: 1, ...secret, containers: [container] }
  return { manifest: { source: 'target-image', object: { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec } }, target: { kind: 'pod', pod: name } }
}

/** The same for each build of an image, so that a baseline knows it: without registry and tag. */
const nameOf = (image: string): string => {
  const last = image.replace(/@.*/, '').split('/').at(-1)?.replace(/:.*/, '') ?? ''
  const name = last
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '')
  return name === '' ? 'image' : name
}
