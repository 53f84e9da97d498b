/** One RBAC rule, as rbac.authorization.k8s.io/v1 has it. */
export interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly resourceNames: readonly string[]
}

/**
 * The smallest role with which these pods can be scanned: read the pod, open exec streams, and for a debug container add it. Since Kubernetes 1.35 an exec over
 * WebSocket needs `get` and `create`; below, `create` adds nothing that `get` has not.
 */
export const scanRules = (pods: readonly string[], approach: 'kubernetes-api' | 'debug-container'): Rule[] => {
  const resourceNames = [...new Set(pods)].toSorted()
  const rules = [
    { apiGroups: [''], resources: ['pods'], verbs: ['get'], resourceNames },
    { apiGroups: [''], resources: ['pods/exec'], verbs: ['get', 'create'], resourceNames }
  ]
  const helper = { apiGroups: [''], resources: ['pods/ephemeralcontainers'], verbs: ['patch'], resourceNames }
  return approach === 'debug-container' ? [...rules, helper] : rules
}

/** A rule in one line, for people. */
export const showRule = (rule: Rule): string => `${rule.verbs.join(',')} ${rule.resources.join(',')} [${rule.resourceNames.join(' ')}]`

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

/** What the scanner must be allowed in a namespace. */
export const neededQuestions = (namespace: string, rules: readonly Rule[]): Question[] =>
  rules.flatMap((rule) =>
    rule.resourceNames.flatMap((name) =>
      rule.verbs.map((verb) => {
        const [resource = '', subresource = ''] = (rule.resources[0] ?? '').split('/')
        return { namespace, verb, group: rule.apiGroups[0] ?? '', resource, subresource, name }
      })
    )
  )

/** What a scanner must not be allowed; whoever may do this can take over more than the pod that is scanned. */
export const forbiddenQuestions = (namespace: string): Question[] => [
  { namespace, verb: 'list', group: '', resource: 'secrets', subresource: '', name: '' },
  { namespace, verb: 'create', group: '', resource: 'pods', subresource: '', name: '' },
  { namespace, verb: 'create', group: '', resource: 'pods', subresource: 'exec', name: '' },
  { namespace, verb: 'patch', group: '', resource: 'pods', subresource: 'ephemeralcontainers', name: '' },
  { namespace: '', verb: 'impersonate', group: '', resource: 'users', subresource: '', name: '' }
]

export const showQuestion = (question: Question): string => {
  const resource = question.subresource === '' ? question.resource : `${question.resource}/${question.subresource}`
  const name = question.name === '' ? '' : ` ${question.name}`
  return `${question.verb} ${resource}${name}${question.namespace === '' ? '' : ` in ${question.namespace}`}`
}
