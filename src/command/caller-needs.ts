import type { Need } from '../access/needs.ts'
import { neededQuestions, type Question, scanRules } from '../access/role.ts'
import type { Account } from '../access/token.ts'
import type { Config } from '../config/config.ts'
import { accessNamespace, type Approach, firstOf, possibleOf } from '../scan/approach.ts'

/** What decides on the rights of a scan, and the names of the pods that it would reach, as far as they are known. */
export interface Scope {
  readonly config: Pick<Config, 'access' | 'approach' | 'target'>
  readonly namespace: string
  readonly pods: readonly string[]
}

/** What the caller needs to find the targets, and to scan by the access that was chosen: to make the scanner's account, a token of it, or to scan itself. */
export const callerNeeds = (scope: Scope): Need[] => {
  const all = [...accessNeeds(scope), ...findingNeeds(scope)]
  return [...new Map(all.map((need) => [JSON.stringify({ ...need, handedOn: false }), need])).values()]
}

/** The account that is there, for access: service-account. */
export const accountOf = ({ config: { access, approach }, namespace }: Scope): Account | undefined =>
  access.kind === 'service-account' ? { namespace: accessNamespace(firstOf(approach), namespace), name: access.account } : undefined

/** What the scanner's account itself needs. */
export const accountNeeds = (scope: Scope): Need[] => {
  const all = possibleOf(scope.config.approach).flatMap((each) => scanNeeds(each, scope))
  return [...new Map(all.map((need) => [JSON.stringify(need), need])).values()]
}

/** What was not answered before a run was killed is looked at before it is removed. */
const MADE_AND_UNDONE = ['create', 'get', 'delete'] as const

const ofAny = (question: Question): Need => ({ ...question, names: [], fixed: false, handedOn: false })

const accessNeeds = (scope: Scope): Need[] => {
  const { access, approach } = scope.config
  const inAccount = askIn(accessNamespace(firstOf(approach), scope.namespace))
  const token = ofAny(inAccount('create', 'serviceaccounts', 'token'))
  switch (access.kind) {
    case 'self':
      return possibleOf(approach).flatMap((each) => scanNeeds(each, scope))
    case 'service-account':
      return [{ ...token, names: [access.account], fixed: true }]
    case 'per-run':
      return [
        ...MADE_AND_UNDONE.map((verb) => ofAny(inAccount(verb, 'serviceaccounts'))),
        token,
        ...possibleOf(approach).flatMap((each) => [...roleNeeds(each, scope), ...scanNeeds(each, scope).map((need) => ({ ...need, handedOn: true }))])
      ]
  }
}

const roleNeeds = (approach: Approach, { namespace }: Scope): Need[] => {
  const ask = askIn(accessNamespace(approach, namespace))
  return ['roles', 'rolebindings'].flatMap((resource) => MADE_AND_UNDONE.map((verb) => ofAny(ask(verb, resource))))
}

/** The rights of a scan, which only who has them can hand on. Those of pods of ours have names that nobody knows before. */
const scanNeeds = (approach: Approach, scope: Scope): Need[] => {
  const questions = neededQuestions(accessNamespace(approach, scope.namespace), scanRules([], approach.kind))
  return questions.map((question) => (approach.kind === 'twin-pod' ? ofAny(question) : ofPods(question, scope)))
}

/** A pod that was named stays the one that is meant; those of a workload get other names. */
const ofPods = (question: Question, { config: { target }, pods }: Scope): Need => ({
  ...ofAny(question),
  ...(target?.kind === 'pod' ? { names: [target.pod], fixed: true } : { names: pods })
})

/** Pods of a workload are listed by its own selector, which is read first; one pod is read by what a scan needs, unless that holds elsewhere or is not asked for. */
const findingNeeds = (scope: Scope): Need[] => {
  const { target, access, approach } = scope.config
  if (target === undefined || target.kind === 'image') return []
  const ask = askIn(scope.namespace)
  if (target.kind === 'pod')
    return access.kind === 'self' && accessNamespace(firstOf(approach), scope.namespace) === scope.namespace ? [] : [ofPods(ask('get', 'pods'), scope)]
  const listed = ofAny(ask('list', 'pods'))
  if (target.kind === 'workload') return [{ ...ofAny(ask('get', `${target.workload}s`)), names: [target.name], fixed: true }, listed]
  return target.select === 'pods' ? [listed] : [ofAny(ask('list', target.select)), ofAny(ask('get', target.select)), listed]
}

const GROUP: Readonly<Record<string, string>> = {
  roles: 'rbac.authorization.k8s.io',
  rolebindings: 'rbac.authorization.k8s.io',
  deployments: 'apps',
  statefulsets: 'apps',
  daemonsets: 'apps',
  jobs: 'batch'
}

const askIn =
  (namespace: string) =>
  (verb: string, resource: string, subresource = ''): Question => ({ namespace, verb, group: GROUP[resource] ?? '', resource, subresource, name: '' })
