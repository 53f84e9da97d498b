/** One RBAC rule, as rbac.authorization.k8s.io/v1 has it. */
export interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  /** Empty: of any name; creation knows none. */
  readonly resourceNames: readonly string[]
}

export type ApproachKind = 'kubernetes-api' | 'debug-container' | 'sidecar-container' | 'twin-pod'

/**
 * The smallest role with which these pods can be scanned: read the pod, open exec streams, for a debug container add it, for twins make and remove them.
 * Since Kubernetes 1.35 an exec over WebSocket needs `get` and `create`; below, `create` adds nothing that `get` has not.
 */
export const scanRules = (pods: readonly string[], approach: ApproachKind): Rule[] => {
  const names = [...new Set(pods)].toSorted()
  return approach === 'twin-pod'
    ? moreRules(pods, approach)
    : [rule('pods', ['get'], names), rule('pods/exec', ['get', 'create'], names), ...moreRules(pods, approach)]
}

/** What an approach needs beside the right to look at a pod and open a shell in it. */
export const moreRules = (pods: readonly string[], approach: ApproachKind): Rule[] => {
  const names = [...new Set(pods)].toSorted()
  switch (approach) {
    case 'kubernetes-api':
    case 'sidecar-container':
      return []
    case 'debug-container':
      return [rule('pods/ephemeralcontainers', ['patch'], names)]
    case 'twin-pod':
      return [rule('pods', ['create'], []), rule('pods', ['get', 'delete'], names), rule('pods/exec', ['get', 'create'], names)]
  }
}

const rule = (resource: string, verbs: readonly string[], resourceNames: readonly string[]): Rule => ({
  apiGroups: [''],
  resources: [resource],
  verbs,
  resourceNames
})

/** A rule in one line, for people. */
export const showRule = ({ verbs, resources, resourceNames }: Rule): string =>
  `${verbs.join(',')} ${resources.join(',')}${resourceNames.length === 0 ? '' : ` [${resourceNames.join(' ')}]`}`

/** One question to the API server: may this identity do that? */
export interface Question {
  readonly namespace: string
  readonly verb: string
  /** API group; empty for the core's. */
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly name: string
}

/** What the scanner must be allowed in a namespace. Of very many names some are asked for, which one rule holds with the others: where one of the rest may not be reached, that shows then. */
export const neededQuestions = (namespace: string, rules: readonly Rule[]): Question[] =>
  rules.flatMap((rule) =>
    (rule.resourceNames.length === 0 ? [''] : spread(rule.resourceNames)).flatMap((name) =>
      rule.verbs.map((verb) => {
        const [resource = '', subresource = ''] = (rule.resources[0] ?? '').split('/')
        return { namespace, verb, group: rule.apiGroups[0] ?? '', resource, subresource, name }
      })
    )
  )

/** Names of a rule that are asked for. */
const MOST_NAMES = 100

/** The first, the last, and evenly spread ones between them. */
const spread = (names: readonly string[]): string[] =>
  names.filter(
    (_, at) =>
      names.length <= MOST_NAMES || Math.floor((at * (MOST_NAMES - 1)) / (names.length - 1)) !== Math.floor(((at - 1) * (MOST_NAMES - 1)) / (names.length - 1))
  )

/** What a scanner must not be allowed; whoever may do this can take over more than the pod that is scanned. */
export const forbiddenQuestions = (namespace: string, approach: ApproachKind): Question[] => [
  { namespace, verb: 'list', group: '', resource: 'secrets', subresource: '', name: '' },
  ...(approach === 'twin-pod' ? [] : [{ namespace, verb: 'create', group: '', resource: 'pods', subresource: '', name: '' }]),
  { namespace, verb: 'create', group: '', resource: 'pods', subresource: 'exec', name: '' },
  { namespace, verb: 'patch', group: '', resource: 'pods', subresource: 'ephemeralcontainers', name: '' },
  { namespace: '', verb: 'impersonate', group: '', resource: 'users', subresource: '', name: '' }
]

/** Several in one line: verbs of the same thing together. */
export const showQuestions = (questions: readonly Question[]): string =>
  [...Map.groupBy(questions, (question) => showQuestion({ ...question, verb: '' })).values()]
    .flatMap((same) => same.slice(0, 1).map((first) => showQuestion({ ...first, verb: same.map(({ verb }) => verb).join(',') })))
    .join('; ')

export const showQuestion = (question: Question): string => {
  const resource = question.subresource === '' ? question.resource : `${question.resource}/${question.subresource}`
  const name = question.name === '' ? '' : ` ${question.name}`
  return `${question.verb} ${resource}${name}${question.namespace === '' ? '' : ` in ${question.namespace}`}`
}
