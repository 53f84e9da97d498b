import { z } from 'zod'
import { messageOf } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { parserWords } from '../kernel/parser-words.ts'
import { parseYaml } from '../kernel/yaml.ts'
import type { Reader } from './reader.ts'

type Texts = Readonly<Record<string, string>>

/** What pods of ours get beside what a scan needs. */
export interface PodTemplate {
  readonly labels: Texts
  readonly annotations: Texts
  readonly nodeSelector: Texts
  readonly tolerations: readonly unknown[]
  readonly priorityClassName: string | undefined
  readonly schedulerName: string | undefined
  readonly requests: Texts
  readonly limits: Texts
}

const NAME = 'scan-pod-template'
const EXPECTED =
  'a partial pod: metadata with labels and annotations; spec with nodeSelector, tolerations, priorityClassName, schedulerName and one container with resources (requests and limits of cpu, memory, ephemeral-storage)'

/** What pods of ours get by the input; undefined where it was not given. What would widen rights, or change what is scanned or how it is kept apart, is a problem. */
export const readPodTemplate = (reader: Reader): PodTemplate | undefined => {
  if (!reader.given(NAME)) return undefined
  const { value, wrong } = parsed(reader.text(NAME))
  const template = Template.safeParse(value)
  const problems = wrong === undefined ? (template.error?.issues ?? []).map(shown) : [wrong]
  for (const got of problems) reader.problem(NAME, EXPECTED, [printableLine(got, 300)])
  return problems.length === 0 && template.success ? template.data : undefined
}

const parsed = (text: string): { value?: unknown; wrong?: string } => {
  const document = parseYaml(text, {})
  const [error] = document.errors
  if (error !== undefined) return { wrong: parserWords(error) }
  try {
    return { value: document.toJS({ maxAliasCount: 10 }) }
  } catch (thrown) {
    return { wrong: messageOf(thrown) } // aliases are looked up only now
  }
}

const shown = (issue: z.core.$ZodIssue): string => {
  const where = issue.path.join('.')
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${where === '' ? key : `${where}.${key}`}${WHY[key] ?? ', which kscan does not set'}`).join('; ')
  if (issue.code === 'invalid_key') return `${where}: ${issue.issues[0]?.message ?? issue.message}`
  return `${where === '' ? 'it' : where}: ${issue.message}`
}

const RIGHTS = ', which would give the pod more rights'
const APART = ', which changes how the pod is kept apart from its node'
/** Why what is asked for most is refused. */
const WHY: Readonly<Record<string, string>> = {
  serviceAccountName: RIGHTS,
  serviceAccount: RIGHTS,
  automountServiceAccountToken: RIGHTS,
  volumes: RIGHTS,
  volumeMounts: RIGHTS,
  env: RIGHTS,
  envFrom: RIGHTS,
  claims: RIGHTS,
  imagePullSecrets: ': say it with pull-secret',
  hostNetwork: APART,
  hostPID: APART,
  hostIPC: APART,
  hostUsers: APART,
  shareProcessNamespace: APART,
  securityContext: APART,
  runtimeClassName: APART,
  image: ', which the target says',
  name: ', which kscan gives',
  namespace: ': say it with scan-namespace',
  command: ', which is the program of the toolbox',
  args: ', which is the program of the toolbox'
}

/** kscan's marks, by which its objects are found and removed. */
const OURS = /^(?:app\.kubernetes\.io\/managed-by$|kscan\.dev\/)/
/** What runtimes and networks read as more than words. */
const ISOLATING = /security\.(?:alpha|beta)\.kubernetes\.io\/|^io\.kubernetes\.cri|^io\.katacontainers\.|^k8s\.v1\.cni\.cncf\.io\/|^cdi\.k8s\.io\//
const KEY = /^(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?$/

const key = z
  .string()
  .regex(KEY, 'it has a name that Kubernetes does not take')
  .refine((name) => !OURS.test(name), "it has one of kscan's own names, by which its pods are found and removed")
const value = z.union([z.string(), z.number(), z.boolean()], 'it must be text').transform(String)
const labelValue = value.refine((text) => /^(?:[A-Za-z0-9](?:[-\w.]{0,61}[A-Za-z0-9])?)?$/.test(text), 'it is no value of a label')
const quantity = z.union([z.string(), z.number()], 'it must be a quantity like 100m or 64Mi').transform(String)
const amount = quantity.refine((text) => /^\d+(?:\.\d+)?(?:m|k|[KMGT]i?|E[+-]?\d+)?$/.test(text), 'it must be a quantity like 100m or 64Mi')
const amounts = z
  .strictObject({ cpu: amount.optional(), memory: amount.optional(), 'ephemeral-storage': amount.optional() })
  .transform((given) => Object.fromEntries(Object.entries(given).flatMap(([name, text]) => (text === undefined ? [] : [[name, text]]))))
const toleration = z.strictObject({
  key: z.string().optional(),
  operator: z.enum(['Exists', 'Equal'], 'it must be Exists or Equal').optional(),
  value: value.optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'], 'it must be NoSchedule, PreferNoSchedule or NoExecute').optional(),
  tolerationSeconds: z.int('it must be a whole number').optional()
})
const objectName = z.string('it must be text').regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'it is no name of an object')

const resources = z.strictObject({ requests: amounts.prefault({}), limits: amounts.prefault({}) })
const container = z.strictObject({ resources: resources.prefault({}) })
const annotation = key.refine((name) => !ISOLATING.test(name), 'it has the name of an annotation that changes how the pod is kept apart')
const forLinux = (given: Texts): boolean => (given['kubernetes.io/os'] ?? 'linux') === 'linux'

const Given = z.strictObject(
  {
    apiVersion: z.literal('v1', 'it must be v1').optional(),
    kind: z.literal('Pod', 'it must be Pod').optional(),
    metadata: z.strictObject({ labels: z.record(key, labelValue).default({}), annotations: z.record(annotation, value).default({}) }).prefault({}),
    spec: z
      .strictObject({
        nodeSelector: z.record(key, labelValue).refine(forLinux, 'kscan scans Linux only').default({}),
        tolerations: z.array(toleration, 'it must be a list').default([]),
        priorityClassName: objectName.refine((name) => !name.startsWith('system-'), 'the priorities of the system are not for a scan').optional(),
        schedulerName: objectName.optional(),
        containers: z.tuple([container], 'it must be a list of one container').prefault([{}])
      })
      .prefault({})
  },
  'it must be a mapping'
)

const Template = Given.transform(({ metadata, spec: { containers, priorityClassName, schedulerName, ...places } }): PodTemplate => {
  return { ...metadata, ...places, priorityClassName, schedulerName, ...containers[0].resources }
})
