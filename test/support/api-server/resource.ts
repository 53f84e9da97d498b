export type Verb = 'get' | 'list' | 'create' | 'delete' | 'patch'

/** One kind of object that the stand-in knows, and which verbs it has routes for. */
export interface Resource {
  readonly group: string
  readonly version: string
  readonly plural: string
  readonly kind: string
  readonly namespaced: boolean
  readonly verbs: readonly Verb[]
  /** Verbs by subresource; a subresource that is not here has no route. */
  readonly subresources: Readonly<Record<string, readonly Verb[]>>
}

/** What a request is about, as the API server's own request info has it. */
export interface Asked {
  readonly verb: Verb
  readonly resource: Resource
  /** Empty for the cluster's scope. */
  readonly namespace: string
  readonly name: string
  readonly subresource: string
}

const RBAC = 'rbac.authorization.k8s.io'
const READ = ['get', 'list'] as const
const MAKE = ['get', 'list', 'create', 'delete'] as const

const define = (path: string, kind: string, more: Partial<Resource> = {}): Resource => {
  const [group = '', version = '', plural = ''] = path.split('|')
  return { group, version, plural, kind, namespaced: true, verbs: READ, subresources: {}, ...more }
}

export const RESOURCES: readonly Resource[] = [
  define('|v1|namespaces', 'Namespace', { namespaced: false, verbs: ['get', 'list', 'patch'] }),
  define('|v1|pods', 'Pod', { verbs: ['get', 'list', 'patch'], subresources: { exec: ['get', 'create'] } }),
  define('|v1|configmaps', 'ConfigMap', { verbs: ['get', 'list', 'patch'] }),
  define('|v1|serviceaccounts', 'ServiceAccount', { verbs: MAKE, subresources: { token: ['create'] } }),
  define(`${RBAC}|v1|roles`, 'Role', { verbs: MAKE }),
  define(`${RBAC}|v1|rolebindings`, 'RoleBinding', { verbs: [...MAKE, 'patch'] }),
  define('apps|v1|deployments', 'Deployment'),
  define('apps|v1|statefulsets', 'StatefulSet'),
  define('apps|v1|daemonsets', 'DaemonSet'),
  define('apps|v1|replicasets', 'ReplicaSet'),
  define('batch|v1|jobs', 'Job'),
  define('authentication.k8s.io|v1|selfsubjectreviews', 'SelfSubjectReview', { namespaced: false, verbs: ['create'] }),
  define('authorization.k8s.io|v1|localsubjectaccessreviews', 'LocalSubjectAccessReview', { verbs: ['create'] }),
  define('authorization.k8s.io|v1|selfsubjectaccessreviews', 'SelfSubjectAccessReview', { namespaced: false, verbs: ['create'] })
]

export const resourceNamed = (plural: string): Resource => {
  const found = RESOURCES.find((resource) => resource.plural === plural)
  if (found === undefined) throw new Error(`the stand-in has no ${plural}`)
  return found
}

/** `roles.rbac.authorization.k8s.io`, as messages name a resource. */
export const qualified = (name: string, group: string): string => (group === '' ? name : `${name}.${group}`)

export const apiVersionOf = ({ group, version }: Resource): string => (group === '' ? version : `${group}/${version}`)

/** The group and version of a list of resources, as `/api/v1` and `/apis/apps/v1`; undefined for any other path. */
export const groupVersionOf = (pathname: string): { readonly group: string; readonly version: string } | undefined => {
  const [, root, ...rest] = pathname.split('/')
  if (root === 'api' && rest.length === 1) return { group: '', version: rest[0] ?? '' }
  return root === 'apis' && rest.length === 2 ? { group: rest[0] ?? '', version: rest[1] ?? '' } : undefined
}

/** What a method and path ask for; undefined where the stand-in has no such route. */
export const parseRequest = (method: string, pathname: string): Asked | undefined => {
  const parts = pathname.split('/').slice(1).map(decodeURIComponent)
  const [group, rest] = parts[0] === 'api' ? ['', parts.slice(1)] : [parts[1] ?? '', parts.slice(2)]
  const place = parts[0] === 'api' || parts[0] === 'apis' ? placeOf(rest.slice(1)) : undefined
  const resource = RESOURCES.find((one) => one.group === group && one.version === rest[0] && one.plural === place?.plural)
  if (place === undefined || resource === undefined) return undefined
  const verb = verbOf(method, place.name)
  const asked = { resource, namespace: place.namespace, name: place.name, subresource: place.subresource }
  return verb !== undefined && hasRoute(verb, asked) ? { verb, ...asked } : undefined
}

type Place = Pick<Asked, 'namespace' | 'name' | 'subresource'> & { readonly plural: string }

/** `pods`, `namespaces`, `namespaces/NS`, `namespaces/NS/pods`, `namespaces/NS/pods/NAME`, `namespaces/NS/pods/NAME/exec` */
const placeOf = (parts: readonly string[]): Place | undefined => {
  if (parts.length > 5 || parts.some((part) => part === '')) return undefined
  const [first = '', namespace = '', plural = '', name = '', subresource = ''] = parts
  if (parts.length === 1) return { plural: first, namespace: '', name: '', subresource: '' }
  if (first !== 'namespaces') return undefined
  if (parts.length === 2) return { plural: first, namespace, name: namespace, subresource: '' }
  return { plural, namespace, name, subresource }
}

const verbOf = (method: string, name: string): Verb | undefined => {
  if (method === 'GET') return name === '' ? 'list' : 'get'
  if (method === 'POST') return 'create'
  if (method === 'PATCH') return name === '' ? undefined : 'patch'
  return method === 'DELETE' && name !== '' ? 'delete' : undefined
}

const hasRoute = (verb: Verb, asked: Omit<Asked, 'verb'>): boolean => {
  const { resource, subresource, name, namespace } = asked
  if (subresource !== '') return resource.subresources[subresource]?.includes(verb) === true
  if (verb === 'create' && (name !== '' || (resource.namespaced && namespace === ''))) return false
  return resource.verbs.includes(verb)
}
