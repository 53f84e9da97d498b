import { z } from 'zod'
import { type Answer, forbidden } from './answer.ts'
import type { Asked } from './resource.ts'
import type { KubeObject, Store } from './store.ts'
import { accountName, type User } from './tokens.ts'

export const Rule = z.looseObject({
  verbs: z.array(z.string()).default([]),
  apiGroups: z.array(z.string()).default([]),
  resources: z.array(z.string()).default([]),
  resourceNames: z.array(z.string()).default([])
})
export type Rule = z.infer<typeof Rule>
const Rules = z.looseObject({ rules: z.array(Rule).default([]) })
const Subject = z.looseObject({ kind: z.string(), name: z.string(), namespace: z.string().optional() })
const Binding = z.looseObject({
  metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
  roleRef: z.looseObject({ kind: z.string(), name: z.string() }),
  subjects: z.array(Subject).default([])
})
type Binding = z.infer<typeof Binding>

/** One right that is asked for, as in a SelfSubjectAccessReview; `resource` is without its subresource. */
export interface Right {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
}

export interface Decision {
  readonly allowed: boolean
  readonly reason: string
}

export const rightOf = ({ verb, resource, subresource, namespace, name }: Asked): Right => ({
  verb,
  group: resource.group,
  resource: resource.plural,
  subresource,
  namespace,
  name
})

/** Decides as RBAC does, from the roles and bindings in the store. */
export const decide = (store: Store, user: User, right: Right): Decision => {
  if (user.kind === 'admin') return { allowed: true, reason: '' }
  // system:basic-user gives this to all who are authenticated
  if (['selfsubjectaccessreviews', 'selfsubjectreviews'].includes(right.resource)) return { allowed: user.kind === 'account', reason: '' }
  const missing: string[] = []
  for (const binding of bindingsOf(store, user, right.namespace)) {
    const role = store.get('roles', right.namespace, binding.roleRef.name)
    if (role === undefined) missing.push(`role.rbac.authorization.k8s.io "${binding.roleRef.name}" not found`)
    else if (rulesOf(role).some((rule) => matches(rule, right))) return { allowed: true, reason: allowedBy(binding, user) }
  }
  return { allowed: false, reason: missing.length === 0 ? '' : `RBAC: ${missing.join(', ')}` }
}

/** The 403 for a request that the user may not make; undefined when they may. */
export const refusalOf = (store: Store, user: User, asked: Asked): Answer | undefined => {
  const right = rightOf(asked)
  const { allowed, reason } = decide(store, user, right)
  if (allowed) return undefined
  const what = `${right.resource}${right.subresource === '' ? '' : `/${right.subresource}`}`
  const where = right.namespace === '' ? 'at the cluster scope' : `in the namespace "${right.namespace}"`
  const why = `User "${user.name}" cannot ${right.verb} resource "${what}" in API group "${right.group}" ${where}${reason === '' ? '' : `: rbac: ${reason}`}`
  return forbidden(asked.resource, right.name, why)
}

/** The rules of a role that the user does not hold and so may not hand on. */
export const notHeld = (store: Store, user: User, namespace: string, rules: readonly Rule[]): Rule[] => {
  if (user.kind === 'admin') return []
  const held = bindingsOf(store, user, namespace).flatMap(({ roleRef }) => rulesOf(store.get('roles', namespace, roleRef.name)))
  return rules.flatMap(singly).filter((one) => !held.some((rule) => covers(rule, one)))
}

export const rulesOf = (role: KubeObject | undefined): Rule[] => (role === undefined ? [] : Rules.parse(role).rules)

const bindingsOf = (store: Store, user: User, namespace: string): Binding[] =>
  namespace === ''
    ? []
    : store
        .list('rolebindings', namespace)
        .map((one) => Binding.parse(one))
        .filter(({ subjects }) => subjects.some((subject) => isSubject(subject, user)))

const isSubject = ({ kind, name, namespace = '' }: z.infer<typeof Subject>, user: User): boolean => {
  if (kind === 'ServiceAccount') return accountName(namespace, name) === user.name
  return kind === 'User' ? name === user.name : kind === 'Group' && user.groups.includes(name)
}

const matches = (rule: Rule, right: Right): boolean => {
  const resource = right.subresource === '' ? right.resource : `${right.resource}/${right.subresource}`
  const resources = ['*', resource, ...(right.subresource === '' ? [] : [`*/${right.subresource}`])]
  return (
    includesAny(rule.verbs, ['*', right.verb]) &&
    includesAny(rule.apiGroups, ['*', right.group]) &&
    includesAny(rule.resources, resources) &&
    (rule.resourceNames.length === 0 || rule.resourceNames.includes(right.name))
  )
}

const includesAny = (list: readonly string[], wanted: readonly string[]): boolean => wanted.some((one) => list.includes(one))

const allowedBy = ({ metadata, roleRef, subjects }: Binding, user: User): string => {
  const subject = subjects.find((one) => isSubject(one, user))
  const who = subject?.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace ?? ''}` : (subject?.name ?? '')
  return `RBAC: allowed by RoleBinding "${metadata.name}/${metadata.namespace}" of ${roleRef.kind} "${roleRef.name}" to ${subject?.kind ?? ''} "${who}"`
}

/** A rule taken apart into rules of one group, resource, verb and name each. */
const singly = (rule: Rule): Rule[] => {
  const names = rule.resourceNames.length === 0 ? [[]] : rule.resourceNames.map((name) => [name])
  return rule.apiGroups.flatMap((group) =>
    rule.resources.flatMap((resource) =>
      rule.verbs.flatMap((verb) => names.map((resourceNames) => ({ apiGroups: [group], resources: [resource], verbs: [verb], resourceNames })))
    )
  )
}

const covers = (held: Rule, one: Rule): boolean =>
  includesAny(held.verbs, ['*', ...one.verbs]) &&
  includesAny(held.apiGroups, ['*', ...one.apiGroups]) &&
  includesAny(held.resources, ['*', ...one.resources]) &&
  (held.resourceNames.length === 0 || one.resourceNames.some((name) => held.resourceNames.includes(name)))
