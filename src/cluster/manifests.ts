import type { ObjectType } from '../undo/entry.ts'

/** What every object of a run carries: whose it is, and when anyone may sweep it. */
export interface Marks {
  readonly run: string
  /** Seconds since 1970; label values allow no `:`. */
  readonly expires: number
  /** For people: the job or user that ran kscan. */
  readonly owner: string
}

export type { ObjectType } from '../undo/entry.ts'

const COLLECTION: Readonly<Record<ObjectType, string>> = {
  pod: 'api/v1|pods',
  serviceaccount: 'api/v1|serviceaccounts',
  role: 'apis/rbac.authorization.k8s.io/v1|roles',
  rolebinding: 'apis/rbac.authorization.k8s.io/v1|rolebindings'
}

export const RUN_LABEL = 'kscan.dev/run'
export const EXPIRES_LABEL = 'kscan.dev/expires-at'
export const OWNER_ANNOTATION = 'kscan.dev/owner'

/** REST path of a namespace's objects of a type, or of all namespaces. */
export const collectionPath = (type: ObjectType, namespace?: string): string => {
  const [group = '', plural = ''] = COLLECTION[type].split('|')
  return namespace === undefined ? `${group}/${plural}` : `${group}/namespaces/${encodeURIComponent(namespace)}/${plural}`
}

/** REST path of one object. */
export const objectPath = ({ type, namespace, name }: { readonly type: ObjectType; readonly namespace: string; readonly name: string }): string =>
  `${collectionPath(type, namespace)}/${encodeURIComponent(name)}`

export const OBJECT_TYPES: readonly ObjectType[] = ['pod', 'rolebinding', 'role', 'serviceaccount']

export interface Metadata {
  readonly namespace: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

export const metadata = (namespace: string, name: string, marks: Marks): Metadata => ({
  namespace,
  name,
  labels: { 'app.kubernetes.io/managed-by': 'kscan', [RUN_LABEL]: marks.run, [EXPIRES_LABEL]: String(marks.expires) },
  annotations: { [OWNER_ANNOTATION]: marks.owner }
})
