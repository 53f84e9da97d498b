import { createHash } from 'node:crypto'
import { stringify } from 'yaml'
import type { Need } from './needs.ts'
import type { Rule } from './role.ts'

const RBAC = 'rbac.authorization.k8s.io'

/** Who gets rights, as a binding names them. */
export type Subject = { readonly kind: 'User'; readonly name: string } | { readonly kind: 'ServiceAccount'; readonly name: string; readonly namespace: string }

/** A user by the name under which the API server knows him. */
export const subjectOf = (username: string): Subject => {
  const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? []
  return namespace === undefined || name === undefined ? { kind: 'User', name: username } : { kind: 'ServiceAccount', name, namespace }
}

/**
 * A role and its binding for each namespace, as YAML to apply. The name holds a digest of the rules and of whom they are for: what was given before under another one stays.
 */
export const rightsYaml = (base: string, subject: Subject, needs: readonly Need[]): string =>
  [...Map.groupBy(needs, ({ namespace }) => namespace)]
    .flatMap(([namespace, of]) => objectsOf(base, subject, { namespace, rules: rulesOf(of) }).map(document))
    .join('')

const document = (object: unknown): string => `---\n${stringify(object, { lineWidth: 0 })}`

/** An account that is not there. */
export const accountYaml = ({ namespace, name }: { namespace: string; name: string }): string =>
  document({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace }, automountServiceAccountToken: false })

const objectsOf = (base: string, subject: Subject, { namespace, rules }: { namespace: string; rules: readonly Partial<Rule>[] }): unknown[] => {
  const digest = createHash('sha256')
    .update(JSON.stringify([rules, subject]))
    .digest('hex')
  const metadata = { name: `${base}-${digest.slice(0, 8)}`, namespace }
  return [
    { apiVersion: `${RBAC}/v1`, kind: 'Role', metadata, rules },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: RBAC, kind: 'Role', name: metadata.name },
      subjects: [subject.kind === 'User' ? { apiGroup: RBAC, ...subject } : subject]
    }
  ]
}

/** What has the same group, resource and names is one rule. */
const rulesOf = (needs: readonly Need[]): Partial<Rule>[] => {
  const keyOf = ({ group, resource, subresource, names, fixed }: Need): string => JSON.stringify([group, resource, subresource, fixed ? names : []])
  return [...Map.groupBy(needs, keyOf).values()].flatMap((same) =>
    same.slice(0, 1).map(({ group, resource, subresource, names, fixed }) => ({
      apiGroups: [group],
      resources: [subresource === '' ? resource : `${resource}/${subresource}`],
      verbs: [...new Set(same.map(({ verb }) => verb))],
      ...(fixed && names.length > 0 ? { resourceNames: names } : {})
    }))
  )
}
