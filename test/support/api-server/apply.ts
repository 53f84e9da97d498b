import { z } from 'zod'
import { type Answer, badRequest, failure, invalid, notFound, notImplemented, ok } from './answer.ts'
import { putNamespace, runningPod } from './pod.ts'
import { apiVersionOf, resourceNamed } from './resource.ts'
import type { Admitted } from './rest.ts'

const Body = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string().optional(), namespace: z.string().optional(), labels: z.record(z.string(), z.string()).optional() })
})

const unsupported = failure({ code: 415, reason: 'UnsupportedMediaType', message: '415: Unsupported Media Type', details: {} })

const unmanaged = invalid({ kind: 'PatchOptions', group: 'meta.k8s.io' }, '', {
  field: 'fieldManager',
  problem: 'Required value: is required for apply patch'
})

/** Server-side apply of one owner: what the body says takes the place of what was there. A pod runs at once, and is ready. */
export const apply = ({ asked, query, body, contentType, store }: Admitted): Answer => {
  const { resource, namespace, name } = asked
  if (contentType === 'application/json-patch+json') return notImplemented('patch of JSON')
  if (contentType !== 'application/apply-patch+yaml') return unsupported
  if ((query.get('fieldManager') ?? '') === '') return unmanaged
  const parsed = Body.safeParse(body)
  if (!parsed.success || parsed.data.kind !== resource.kind || parsed.data.apiVersion !== apiVersionOf(resource))
    return badRequest(`the object provided is unrecognized (must be of type ${resource.kind})`)
  if (resource.namespaced && store.get('namespaces', '', namespace) === undefined) return notFound(resourceNamed('namespaces'), namespace)
  const place = resource.namespaced ? namespace : ''
  const before = store.get(resource.plural, place, name)
  const { metadata, ...fields } = parsed.data
  if ((metadata.name ?? name) !== name) return badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`)
  if ((metadata.namespace ?? place) !== place) return badRequest('the namespace of the provided object does not match the namespace sent on the request')
  if (resource.kind === 'Namespace') {
    putNamespace(store, name)
    const made = store.get('namespaces', '', name)
    const labels = { ...made?.metadata.labels, ...metadata.labels }
    const { metadata: whole, ...more } = made ?? { metadata: {} }
    return ok(store.put('namespaces', { namespace: '', name, metadata: { ...whole, labels }, fields: more }), before === undefined ? 201 : 200)
  }
  const kept = before === undefined ? {} : { uid: before.metadata.uid, creationTimestamp: before.metadata.creationTimestamp }
  const status = resource.kind === 'Pod' ? runningPod(fields) : {}
  return ok(
    store.put(resource.plural, { namespace: place, name, metadata: { ...metadata, ...kept }, fields: { ...fields, ...status } }),
    before === undefined ? 201 : 200
  )
}
