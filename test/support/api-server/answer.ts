import { qualified, type Resource } from './resource.ts'

/** An HTTP answer; a string is sent as text/plain, anything else as JSON. */
export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Failure {
  readonly code: number
  readonly reason: string
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>>
}

export const ok = (body: unknown, status = 200): Answer => ({ status, body })

/** A failure as the API server words it: a metav1.Status. */
export const failure = ({ code, reason, message, details }: Failure): Answer => ({
  status: code,
  body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, ...(details === undefined ? {} : { details }), code }
})

export const unauthorized = (): Answer => failure({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' })

export const badRequest = (message: string): Answer => failure({ code: 400, reason: 'BadRequest', message })

/** What has no route on a real server either. */
export const plainNotFound = (): Answer => ({ status: 404, body: '404 page not found\n' })

/** What the stand-in cannot do: never mistaken for an answer of a real server. */
export const notImplemented = (what: string): Answer => failure({ code: 501, reason: 'NotImplemented', message: `the API server stand-in has no ${what}` })

const detailsOf = (resource: Resource, name: string): Record<string, unknown> => ({
  ...(name === '' ? {} : { name }),
  ...(resource.group === '' ? {} : { group: resource.group }),
  kind: resource.plural
})

export const notFound = (resource: Resource, name: string): Answer =>
  failure({
    code: 404,
    reason: 'NotFound',
    message: `${qualified(resource.plural, resource.group)} "${name}" not found`,
    details: detailsOf(resource, name)
  })

export const alreadyExists = (resource: Resource, name: string): Answer =>
  failure({
    code: 409,
    reason: 'AlreadyExists',
    message: `${qualified(resource.plural, resource.group)} "${name}" already exists`,
    details: detailsOf(resource, name)
  })

/** 403 with the sentence that says why; empty for a refusal without one. */
export const forbidden = (resource: Resource, name: string, why: string): Answer => {
  const subject = `${qualified(resource.plural, resource.group)}${name === '' ? '' : ` "${name}"`}`
  return failure({ code: 403, reason: 'Forbidden', message: `${subject} is forbidden: ${why}`, details: detailsOf(resource, name) })
}

/** 422 for one field; `problem` is a sentence such as `Invalid value: 599: …`. */
export const invalid = (resource: Pick<Resource, 'kind' | 'group'>, name: string, cause: { field: string; problem: string }): Answer =>
  failure({
    code: 422,
    reason: 'Invalid',
    message: `${qualified(resource.kind, resource.group)} "${name}" is invalid: ${cause.field}: ${cause.problem}`,
    details: {
      ...(name === '' ? {} : { name }),
      ...(resource.group === '' ? {} : { group: resource.group }),
      kind: resource.kind,
      causes: [{ reason: cause.problem.startsWith('Required') ? 'FieldValueRequired' : 'FieldValueInvalid', message: cause.problem, field: cause.field }]
    }
  })
