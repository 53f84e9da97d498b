import { accessObjects, type AccessMode, moreObjects } from '../access/grant.ts'
import { forbiddenQuestions, moreRules, neededQuestions, scanRules, showQuestion, showRule } from '../access/role.ts'
import { foreignCommand } from '../approach/foreign-helper.ts'
import { HELPER_END, HELPER_IDS, HELPER_PID, lentShellArgv, MOUNTED_SHELL } from '../approach/helper-spec.ts'
import { SHELL_ARGV } from '../approach/kubernetes-api.ts'
import { collectionPath } from '../cluster/manifests.ts'
import { printableLine } from '../kernel/name.ts'
import { IMAGE_ONLY } from '../report/record.ts'
import type { Target } from '../target/facts.ts'
import { showSmall, showTemplate } from '../target/twin-template.ts'
import { accessNamespace, type Approach, type Auto, firstOf, possibleOf, reachedPod, reachedPods, twinName } from './approach.ts'

export interface PlanOptions {
  readonly access: AccessMode
  readonly namespace: string
  readonly targets: readonly Target[]
  readonly approach: Approach
  /** Argv of the auditor up to its options. */
  readonly auditor: string
}

const PLANNED = { run: 'RUN', expires: 0, owner: '' }

/** Everything that a scan would ask of the cluster and start, line by line; nothing of it was done. */
export const planLines = (options: Omit<PlanOptions, 'approach'> & { approach: Approach | Auto }): string[] => {
  const lines = onePlan({ ...options, approach: firstOf(options.approach) })
  if (options.approach.kind !== 'auto') return lines
  const branches = possibleOf(options.approach).slice(1)
  const end = 'If no approach is left: nothing more; exit 4, with the reason for each'
  return [...lines, ...branches.flatMap((approach) => branchLines({ ...options, approach })), end]
}

const WHEN: Readonly<Record<Approach['kind'], string>> = {
  'kubernetes-api': 'the image has a shell',
  'sidecar-container': 'a container has no usable shell, or lacks getent, ps or stat, and a helper is deployed with its pod',
  'debug-container': 'a container has no usable shell, or lacks getent, ps or stat',
  'twin-pod': 'a container has no usable shell, and no helper can be had'
}

/** What comes on top where the target's own shell is not taken; nothing where it cannot come to that. */
const branchLines = (options: PlanOptions): string[] => {
  const { approach, targets, access } = options
  const reached = approach.kind === 'sidecar-container' ? targets.filter(({ deployed }) => deployed !== undefined) : targets
  if (reached.length === 0) return []
  const namespace = accessNamespace(approach, options.namespace)
  const started = startedLines({ ...options, namespace, targets: reached })
  const given = reached.flatMap((target, index) => {
    const rules = moreRules([reachedPod(approach, target, twinName('RUN', index))], approach.kind)
    const objects =
      access.kind === 'per-run' && rules.length > 0
        ? moreObjects({ mode: access, namespace: options.namespace, marks: PLANNED }, { namespace, suffix: `${approach.kind}-${index}`, rules })
        : []
    const paths = objects.map(({ type, name }) => ({ path: collectionPath(type, namespace), name }))
    return [
      ...paths.map(({ path, name }) => `  POST ${path}   ${name}`),
      ...rules.map((rule) => `  ${showRule(rule)}`),
      ...paths.toReversed().map(({ path, name }) => `  DELETE ${path}/${name}   at the end`)
    ]
  })
  return [`If ${WHEN[approach.kind]} (approach ${approach.kind}):`, ...given, ...started].map((line, index) => (index === 0 ? line : `  ${line}`))
}

const onePlan = (given: PlanOptions): string[] => {
  const options = { ...given, namespace: accessNamespace(given.approach, given.namespace) }
  const rules = scanRules(reachedPods(options.approach, options.targets, 'RUN'), options.approach.kind)
  return [
    ...targetLines(options.targets),
    ...madeLines(options, rules),
    'Rights of the scanner:',
    ...rules.map((rule) => `  ${showRule(rule)}`),
    'Asked of the API server before the audit (SelfSubjectAccessReview), must be allowed:',
    ...neededQuestions(options.namespace, rules).map((question) => `  ${showQuestion(question)}`),
    '… and must be refused:',
    ...forbiddenQuestions(options.namespace, options.approach.kind).map((question) => `  ${showQuestion(question)}`),
    ...startedLines(options),
    'Started here, for each container:',
    `  ${options.auditor} exec PROFILE … --target=kscan://target --config=- --reporter=json:FILE`,
    ...removedLines(options)
  ]
}

const startedLines = (options: PlanOptions): string[] => {
  const { approach } = options
  switch (approach.kind) {
    case 'kubernetes-api':
      return [
        'Started in each container:',
        `  ${SHELL_ARGV.join(' ')}   (approach kubernetes-api; commands of the profile go through its stdin; a second one only to end a command that hangs)`
      ]
    case 'sidecar-container':
      return deployedLines(options.targets)
    case 'debug-container':
      return debugLines(options.targets, approach)
    case 'twin-pod':
      return twinLines(options, approach)
  }
}

const deployedLines = (targets: readonly Target[]): string[] => {
  const sidecars = targets.flatMap(({ deployed }) => (deployed?.kind === 'sidecar' ? [deployed.container] : []))
  const shells = targets.map(({ name, deployed }) => {
    if (deployed === undefined) return `  ${name}: nothing, for no helper is deployed with it`
    return `  ${name}: ${(deployed.kind === 'volume' ? MOUNTED_SHELL : lentShellArgv('PID')).join(' ')}`
  })
  return [
    ...(sidecars.length === 0 ? [] : ['Started in each helper:', `  ${HELPER_PID.join(' ')}   (containers ${[...new Set(sidecars)].join(', ')})`]),
    'Started in each container (approach sidecar-container; commands of the profile go through its stdin):',
    ...shells
  ]
}

const twinLines = ({ namespace, targets }: PlanOptions, { image: helper, template }: Extract<Approach, { kind: 'twin-pod' }>): string[] => [
  'Made by the scanner, one after the other, each removed at the end of its audit:',
  ...targets.flatMap(({ image, user }, index) => [
    `  POST ${collectionPath('pod', namespace)}   ${twinName('RUN', index)}: ${printableLine(image)}, with the toolbox ${helper} in a volume${user === undefined ? '; once more with runAsNonRoot, where the namespace refuses it without' : ''}`,
    `  DELETE ${collectionPath('pod', namespace)}/${twinName('RUN', index)}`
  ]),
  ...(template === undefined ? [] : [`  … each with ${printableLine(showTemplate(template), 2000)}   (scan-pod-template)`]),
  `  … once more with ${showSmall()}, where a quota asks for what is not said`,
  'Started in each of them:',
  `  ${MOUNTED_SHELL.join(' ')}   (approach twin-pod, ${IMAGE_ONLY}; commands of the profile go through its stdin)`
]

const debugLines = (targets: readonly Target[], approach: Extract<Approach, { kind: 'debug-container' }>): string[] => [
  'Added to each pod, and kept in it until the pod is gone (the process is ended):',
  ...targets.flatMap(({ namespace, pod, user }) =>
    Array<string>(user === undefined ? 2 : 1).fill(`  PATCH api/v1/namespaces/${namespace}/pods/${pod}/ephemeralcontainers   kscan-RUN-N, ${approach.image}`)
  ),
  `  … once more with the command ${foreignCommand('SECONDS').join(' ')}, where ${approach.image} is not the toolbox`,
  ...(approach.unpoliced
    ? []
    : ['Asked before it by dry runs, must be refused:', "  helpers that would read Secrets or the pod's volumes, have more rights, or run anything else"]),
  'Started in each helper:',
  `  ${HELPER_PID.join(' ')}   and at the end ${HELPER_END.join(' ')}   (sh with code of kscan, where it is not the toolbox)`,
  ...targets.filter(({ user }) => user === undefined).map(({ name }) => `  ${HELPER_IDS.join(' ')}   in one more for ${name}, whose user the API does not say`),
  'Started in each container:',
  `  ${lentShellArgv('PID').join(' ')}   (approach debug-container; commands of the profile go through its stdin)`,
  "  … or the image's own sh, where it is not the toolbox, by its loader or as busybox, from /proc/PID/root"
]

const targetLines = (targets: readonly Target[]): string[] => [
  'Targets:',
  ...targets.map(({ name, pod, image }) => `  ${name}   ${pod === '' ? 'no pod' : `pod ${pod}`}, image ${printableLine(image)}`)
]

const madeLines = (options: PlanOptions, rules: ReturnType<typeof scanRules>): string[] => {
  if (options.access.kind === 'self') return ["Made in the cluster: nothing (access: self, the caller's own rights)"]
  const token = (name: string): string => `  POST ${collectionPath('serviceaccount', options.namespace)}/${name}/token`
  if (options.access.kind === 'service-account') return ['Made in the cluster: a token only', token(options.access.account)]
  const objects = accessObjects({ namespace: options.namespace, marks: PLANNED }, rules)
  return ['Made in the cluster:', ...objects.map(({ type }) => `  POST ${collectionPath(type, options.namespace)}   kscan-RUN`), token('kscan-RUN')]
}

const removedLines = (options: PlanOptions): string[] =>
  options.access.kind === 'per-run'
    ? [
        'Removed at the end, in this order:',
        ...(['rolebinding', 'role', 'serviceaccount'] as const).map((type) => `  DELETE ${collectionPath(type, options.namespace)}/kscan-RUN`)
      ]
    : ['Removed at the end: nothing was made (a token is valid until it runs out)']
