import { z } from 'zod'
import type { Problem } from '../../kernel/error.ts'
import { printableLine } from '../../kernel/name.ts'
import type { Manifest } from './manifest.ts'

const Container = z.looseObject({ image: z.string().optional(), imagePullPolicy: z.string().optional() })
const PodSpec = z.looseObject({ containers: z.array(Container).nullish(), initContainers: z.array(Container).nullish() })
const Template = z.looseObject({ template: z.looseObject({ spec: PodSpec.optional() }).optional() })
const Spec = z.looseObject({
  spec: z
    .looseObject({ template: z.looseObject({ spec: PodSpec.optional() }).optional(), jobTemplate: z.looseObject({ spec: Template.optional() }).optional() })
    .optional()
})

/** The containers that the pods of an object have. */
const containersIn = ({ object }: Manifest): z.infer<typeof Container>[] => {
  const spec = object.kind === 'Pod' ? PodSpec.safeParse(object['spec']).data : templateOf(object)
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]
}

const templateOf = (object: unknown): z.infer<typeof PodSpec> | undefined => {
  const spec = Spec.safeParse(object).data?.spec
  return (spec?.template ?? spec?.jobTemplate?.spec?.template)?.spec
}

/** The name by which a node knows an image: with its registry, and its tag. */
export const fullName = (image: string): string => {
  const [name = '', digest] = image.split('@')
  const first = name.split('/')[0] ?? ''
  const hasHost = name.includes('/') && (/[.:]/.test(first) || first === 'localhost')
  const withHost = hasHost ? name : name.includes('/') ? `docker.io/${name}` : `docker.io/library/${name}`
  if (digest !== undefined) return `${withHost}@${digest}`
  return /:[^/]*$/.test(withHost) ? withHost : `${withHost}:latest`
}

/** Containers of a loaded image that the nodes would pull all the same: another image of that name would be scanned, or none. */
export const pullProblems = (manifests: readonly Manifest[], loaded: readonly string[]): Problem[] => {
  const names = new Set(loaded.map(fullName))
  return manifests.flatMap((manifest) =>
    containersIn(manifest).flatMap(({ image, imagePullPolicy }) => {
      if (image === undefined || !names.has(fullName(image))) return []
      const policy = imagePullPolicy ?? (fullName(image).endsWith(':latest') ? 'Always' : 'IfNotPresent')
      if (policy !== 'Always') return []
      const { kind, metadata } = manifest.object
      const said = imagePullPolicy === undefined ? 'the tag latest, for which Kubernetes takes Always' : 'imagePullPolicy: Always'
      const got = printableLine(`${said}, in ${kind.toLowerCase()}/${metadata.name} (${manifest.source})`, 300)
      return [
        {
          name: 'manifests',
          expected: `imagePullPolicy: IfNotPresent for ${printableLine(image, 200)}, which is loaded`,
          got,
          hint: 'The nodes would pull an image of that name, and not run the one that was loaded.'
        }
      ]
    })
  )
}
