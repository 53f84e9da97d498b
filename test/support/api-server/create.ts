import { z } from 'zod'
import { type Answer, alreadyExists, badRequest, forbidden, invalid, notFound, ok } from './answer.ts'
import { notHeld, Rule, rulesOf } from './authorize.ts'
import { apiVersionOf, type Asked, resourceNamed } from './resource.ts'
import type { Admitted } from './rest.ts'

const Body = z.looseObject({
  apiVersion: z.string().optional(),
  kind: z.string().optional(),
  metadata: z.looseObject({ name: z.string().default(''), namespace: z.string().optional(), labels: z.record(z.string(), z.string()).default({}) }).prefault({})
})
type Body = z.infer<typeof Body>

/** Makes an object, or says why not, in the order of a real server. */
export const create = (request: Admitted): Answer => {
  const { asked, store } = request
  const parsed = Body.safeParse(request.body)
  if (!parsed.success) return badRequest(`the object provided is unrecognized (must be of type ${asked.resource.kind}): ${z.prettifyError(parsed.error)}`)
  const { metadata, ...fields } = parsed.data
  const problem = unusable(asked, parsed.data) ?? beyond(request, parsed.data)
  if (problem !== undefined) return problem
  if (store.get('namespaces', '', asked.namespace) === undefined) return notFound(resourceNamed('namespaces'), asked.namespace)
  if (store.get(asked.resource.plural, asked.namespace, metadata.name) !== undefined) return alreadyExists(asked.resource, metadata.name)
  const kept = Object.fromEntries(Object.entries(metadata).filter(([key]) => !['uid', 'resourceVersion', 'creationTimestamp'].includes(key)))
  const finalizers = store.finalizers.get(asked.resource.plural)
  const held = finalizers === undefined ? {} : { finalizers }
  return ok(store.put(asked.resource.plural, { namespace: asked.namespace, name: metadata.name, metadata: { ...kept, ...held }, fields }, true), 201)
}

const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const LABEL_KEY = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/
const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/

/** What the server says of an object that breaks its rules; undefined for a good one. */
const unusable = ({ resource, namespace }: Asked, { kind, apiVersion, metadata, ...fields }: Body): Answer | undefined => {
  if ((kind ?? resource.kind) !== resource.kind || (apiVersion ?? apiVersionOf(resource)) !== apiVersionOf(resource))
    return badRequest(`${kind ?? ''} in version "${apiVersion ?? ''}" cannot be handled as a ${resource.kind}`)
  if ((metadata.namespace ?? namespace) !== namespace)
    return badRequest('the namespace of the provided object does not match the namespace sent on the request')
  const wrong = (field: string, problem: string): Answer => invalid(resource, metadata.name, { field, problem })
  if (metadata.name === '') return wrong('metadata.name', 'Required value: name or generateName is required')
  // roles and bindings may have names that accounts may not, as `system:x`
  if (resource.kind === 'ServiceAccount' && !NAME.test(metadata.name))
    return wrong(
      'metadata.name',
      `Invalid value: "${metadata.name}": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'`
    )
  for (const [key, value] of Object.entries(metadata.labels)) {
    if (!LABEL_KEY.test(key)) return wrong('metadata.labels', `Invalid value: "${key}": name part must consist of alphanumeric characters, '-', '_' or '.'`)
    if (!LABEL_VALUE.test(value))
      return wrong('metadata.labels', `Invalid value: "${value}": a valid label must be an empty string or consist of alphanumeric characters`)
  }
  return resource.kind === 'Role' && Rules.parse(fields).rules.some(({ apiGroups }) => apiGroups.length === 0)
    ? wrong('rules[0].apiGroups', 'Required value: resource rules must supply at least one api group')
    : undefined
}

const Rules = z.looseObject({ rules: z.array(Rule).default([]) })
const RoleRef = z.looseObject({ roleRef: z.looseObject({ kind: z.literal('Role'), name: z.string() }) })

/** Nobody may hand on a right that they do not hold, by a role or by a binding. */
const beyond = ({ asked, user, store }: Admitted, body: Body): Answer | undefined => {
  let rules: Rule[] = []
  if (asked.resource.kind === 'Role') rules = Rules.parse(body).rules
  if (asked.resource.kind === 'RoleBinding') {
    const parsed = RoleRef.safeParse(body)
    if (!parsed.success) return invalid(asked.resource, body.metadata.name, { field: 'roleRef.kind', problem: 'Unsupported value: the stand-in knows "Role"' })
    const role = store.get('roles', asked.namespace, parsed.data.roleRef.name)
    if (role === undefined && user.kind !== 'admin') return notFound(asked.resource, parsed.data.roleRef.name)
    rules = rulesOf(role)
  }
  const more = notHeld(store, user, asked.namespace, rules)
  if (more.length === 0) return undefined
  const groups = user.groups.map((group) => `"${group}"`).join(' ')
  return forbidden(
    asked.resource,
    body.metadata.name,
    `user "${user.name}" (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${more.map(showRule).join('\n')}`
  )
}

const showRule = ({ apiGroups, resources, resourceNames, verbs }: Rule): string => {
  const quoted = (list: readonly string[]): string => `[${list.map((one) => `"${one}"`).join(' ')}]`
  const names = resourceNames.length === 0 ? '' : `, ResourceNames:${quoted(resourceNames)}`
  return `{APIGroups:${quoted(apiGroups)}, Resources:${quoted(resources)}${names}, Verbs:${quoted(verbs)}}`
}
