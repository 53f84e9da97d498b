import { z } from 'zod'
import { type Answer, badRequest, failure, invalid, notFound, notImplemented, ok } from './answer.ts'
import { apply } from './apply.ts'
import { decide } from './authorize.ts'
import { create } from './create.ts'
import { apiVersionOf, type Asked, qualified } from './resource.ts'
import { parseSelector } from './selector.ts'
import type { KubeObject, Store } from './store.ts'
import { ISSUER, type Tokens, type User } from './tokens.ts'

/** One request that has been authorized. */
export interface Admitted {
  readonly asked: Asked
  readonly user: User
  readonly query: URLSearchParams
  /** Parsed JSON; undefined without a body. */
  readonly body: unknown
  /** Empty where the request says none. */
  readonly contentType: string
  readonly store: Store
  readonly tokens: Tokens
}

export const respond = (request: Admitted): Answer => {
  const { verb, subresource, resource } = request.asked
  if (request.query.has('watch') || request.query.has('fieldSelector') || request.query.has('dryRun'))
    return notImplemented(`query ${request.query.toString()}`)
  if (subresource === 'token') return requestToken(request)
  if (resource.kind === 'SelfSubjectReview') return self(request)
  if (resource.kind === 'SelfSubjectAccessReview') return review(request, request.user)
  if (resource.kind === 'LocalSubjectAccessReview') return review(request, reviewed(request.body))
  if (verb === 'list') return list(request)
  if (verb === 'get') return get(request)
  if (verb === 'patch') return request.contentType === 'application/strategic-merge-patch+json' ? patch(request) : apply(request)
  return verb === 'create' ? create(request) : remove(request)
}

const objectOf = ({ asked, store }: Admitted): KubeObject | undefined =>
  store.get(asked.resource.plural, asked.resource.namespaced ? asked.namespace : '', asked.name)

const get = (request: Admitted): Answer => {
  const object = objectOf(request)
  return object === undefined ? notFound(request.asked.resource, request.asked.name) : ok(object)
}

const list = ({ asked, query, store }: Admitted): Answer => {
  const selects = parseSelector(query.get('labelSelector') ?? '')
  if (selects === undefined) return badRequest(`unable to parse requirement: found '${query.get('labelSelector') ?? ''}', expected: a label selector`)
  const start = readContinue(query.get('continue'))
  if (start === undefined) return badRequest('invalid continue token: continue key is not valid')
  const all = store.list(asked.resource.plural, asked.namespace).filter(({ metadata }) => selects(metadata.labels ?? {}))
  const limit = Number(query.get('limit') ?? 0) || all.length
  const items = all.slice(start, start + limit).map(({ kind: _kind, apiVersion: _version, ...rest }) => rest)
  const next = start + limit < all.length ? { continue: Buffer.from(JSON.stringify({ start: start + limit })).toString('base64url') } : {}
  const metadata = { resourceVersion: store.version, ...next }
  return ok({ kind: `${asked.resource.kind}List`, apiVersion: apiVersionOf(asked.resource), metadata, items })
}

const readContinue = (text: string | null): number | undefined => {
  if (text === null || text === '') return 0
  try {
    return z.object({ start: z.number() }).parse(JSON.parse(Buffer.from(text, 'base64url').toString())).start
  } catch {
    return undefined
  }
}

const Patch = z.looseObject({
  metadata: z.looseObject({ uid: z.string().optional(), finalizers: z.null().optional() }).prefault({}),
  subjects: z.null().optional()
})

/** A merge that takes out finalizers or subjects, and knows nothing else. */
const patch = (request: Admitted): Answer => {
  const { resource, namespace, name } = request.asked
  const object = objectOf(request)
  const parsed = Patch.safeParse(request.body)
  if (object === undefined) return notFound(resource, name)
  if (!parsed.success || resource.kind !== 'RoleBinding') return notImplemented('a patch but by server-side apply')
  const { metadata, subjects } = parsed.data
  if (metadata.uid !== undefined && metadata.uid !== object.metadata.uid) return otherUid(resource, object, metadata.uid)
  const { kind: _kind, apiVersion: _version, metadata: before, ...fields } = object
  const { finalizers, ...rest } = before
  const kept = metadata.finalizers === null ? rest : { ...rest, finalizers }
  const after = request.store.put(resource.plural, { namespace, name, metadata: kept, fields: subjects === null ? { ...fields, subjects: [] } : fields }, true)
  if (metadata.finalizers === null && before['deletionTimestamp'] !== undefined) request.store.remove(resource.plural, namespace, name)
  return ok(after)
}

/** As the real server says it of a patch. */
const otherUid = ({ group }: Admitted['asked']['resource'], { kind, metadata: { name } }: KubeObject, wanted: string): Answer =>
  failure({
    code: 422,
    reason: 'Invalid',
    message: `${qualified(kind, group)} "${name}" is invalid: metadata.uid: Invalid value: "${wanted}": field is immutable`,
    details: { name, ...(group === '' ? {} : { group }), kind }
  })

const Options = z.looseObject({ preconditions: z.looseObject({ uid: z.string().optional() }).optional() }).optional()

const remove = (request: Admitted): Answer => {
  const { resource, namespace, name } = request.asked
  const object = objectOf(request)
  if (object === undefined) return notFound(resource, name)
  const wanted = Options.parse(request.body)?.preconditions?.uid
  const { uid } = object.metadata
  const group = resource.group === '' ? {} : { group: resource.group }
  if (wanted !== undefined && wanted !== uid) {
    return failure({
      code: 409,
      reason: 'Conflict',
      message: `Operation cannot be fulfilled on ${qualified(resource.kind, resource.group)} "${name}": the UID in the precondition (${wanted}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
      details: { name, ...group, kind: resource.kind }
    })
  }
  if (isHeld(object)) return ok(request.store.expire(resource.plural, object))
  request.store.remove(resource.plural, namespace, name)
  if (resource.kind === 'ServiceAccount') return ok(object)
  return ok({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { name, ...group, kind: resource.plural, uid } })
}

const isHeld = ({ metadata: { finalizers } }: KubeObject): boolean => Array.isArray(finalizers) && finalizers.length > 0

const TokenRequest = z.looseObject({
  spec: z.looseObject({ expirationSeconds: z.number().default(3600), boundObjectRef: z.unknown().optional() }).prefault({})
})

const requestToken = (request: Admitted): Answer => {
  const { asked, tokens } = request
  const account = objectOf(request)
  if (account === undefined) return notFound(asked.resource, asked.name)
  const { spec } = TokenRequest.parse(request.body)
  if (spec.boundObjectRef !== undefined && spec.boundObjectRef !== null) return notImplemented('bound tokens')
  const wrong = (limit: string): Answer =>
    invalid({ kind: 'TokenRequest', group: 'authentication.k8s.io' }, '', {
      field: 'spec.expirationSeconds',
      problem: `Invalid value: ${spec.expirationSeconds}: may not specify a duration ${limit}`
    })
  if (spec.expirationSeconds < 600) return wrong('less than 10 minutes')
  if (spec.expirationSeconds > 2 ** 32) return wrong('larger than 2^32 seconds')
  const { token, expires } = tokens.issue(account, spec.expirationSeconds)
  const { name, namespace, uid, creationTimestamp } = account.metadata
  return ok(
    {
      kind: 'TokenRequest',
      apiVersion: 'authentication.k8s.io/v1',
      metadata: { name, namespace, uid, creationTimestamp },
      spec: { audiences: [ISSUER], expirationSeconds: spec.expirationSeconds, boundObjectRef: null },
      status: { token, expirationTimestamp: new Date(expires).toISOString().replace('.000Z', 'Z') }
    },
    201
  )
}

const text = z.string().default('')
const Review = z.looseObject({
  spec: z.looseObject({
    resourceAttributes: z.looseObject({ verb: text, group: text, resource: text, subresource: text, namespace: text, name: text }).optional()
  })
})

const self = ({ user: { name, groups } }: Admitted): Answer =>
  ok({ kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1', metadata: {}, status: { userInfo: { username: name, groups } } }, 201)

const Reviewed = z.looseObject({ spec: z.looseObject({ user: text, groups: z.array(z.string()).default([]) }) })

/** Of whom another asks. */
const reviewed = (body: unknown): User => {
  const { user: name, groups } = Reviewed.parse(body).spec
  return { kind: 'account', name, groups }
}

const review = ({ asked, body, store }: Admitted, user: User): Answer => {
  const right = Review.parse(body).spec.resourceAttributes
  if (right === undefined) return notImplemented('review without resourceAttributes')
  const { allowed, reason } = decide(store, user, right)
  const status = { allowed, ...(reason === '' ? {} : { reason }) }
  return ok({ kind: asked.resource.kind, apiVersion: 'authorization.k8s.io/v1', metadata: {}, spec: { resourceAttributes: right }, status }, 201)
}
