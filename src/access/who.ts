import { z } from 'zod'
import { ApiError, call } from '../cluster/api.ts'
import type { Connection } from '../cluster/connection.ts'
import type { Question } from './role.ts'
import type { Account } from './token.ts'

const Self = z.looseObject({ status: z.looseObject({ userInfo: z.looseObject({ username: z.string().min(1) }) }) })

/** As whom the API server knows the caller (SelfSubjectReview); undefined where it does not tell. */
export const whoAmI = async (connection: Connection, signal?: AbortSignal): Promise<string | undefined> => {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
  const path = 'apis/authentication.k8s.io/v1/selfsubjectreviews'
  return await unlessRefused(async () => Self.parse(await call(connection, { method: 'POST', path, body, asks: true, signal })).status.userInfo.username)
}

const Answer = z.looseObject({ status: z.looseObject({ allowed: z.boolean() }) })

/** Whether an account may do something in its own namespace; undefined where the caller may not ask that. */
export const mayAccount = async (
  connection: Connection,
  { account, asked }: { account: Account; asked: Question },
  signal?: AbortSignal
): Promise<boolean | undefined> => {
  const { namespace, verb, group, resource, subresource, name } = asked
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'LocalSubjectAccessReview',
    metadata: { namespace },
    spec: {
      user: `system:serviceaccount:${account.namespace}:${account.name}`,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${account.namespace}`, 'system:authenticated'],
      resourceAttributes: { namespace, verb, group, resource, subresource, name }
    }
  }
  const path = `apis/authorization.k8s.io/v1/namespaces/${encodeURIComponent(namespace)}/localsubjectaccessreviews`
  return await unlessRefused(async () => Answer.parse(await call(connection, { method: 'POST', path, body, asks: true, signal })).status.allowed)
}

/** Whether an account is there; undefined where the caller may not look. */
export const isThere = async (connection: Connection, { namespace, name }: Account, signal?: AbortSignal): Promise<boolean | undefined> => {
  const path = `api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(name)}`
  try {
    return await unlessRefused(async () => (await call(connection, { method: 'GET', path, signal })) !== undefined)
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false
    throw error
  }
}

const unlessRefused = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
  try {
    return await work()
  } catch (error) {
    if (error instanceof ApiError && error.code === 'ACCESS_DENIED') return undefined
    throw error
  }
}
