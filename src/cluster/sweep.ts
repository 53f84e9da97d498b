import { z } from 'zod'
import { ApiError, call } from './api.ts'
import type { Connection } from './connection.ts'
import { collectionPath, EXPIRES_LABEL, OBJECT_TYPES, type ObjectType, RUN_LABEL } from './manifests.ts'
import { LISTING } from './request.ts'

/** What one object is deleted by; without its uid by its name alone. */
export interface Removal {
  readonly type: ObjectType
  readonly namespace: string
  readonly name: string
  readonly uid?: string | undefined
}

/** Deletes one object within `timeout` milliseconds; resolves with false when it was not there, or another one has its name. */
export const removeObject = async (
  connection: Connection,
  object: Removal,
  { timeout, signal }: { timeout: number; signal?: AbortSignal | undefined }
): Promise<boolean> => {
  const body = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(object.type === 'pod' ? { gracePeriodSeconds: 0 } : {}), // nothing in a pod of ours has anything to finish
    ...(object.uid === undefined ? {} : { preconditions: { uid: object.uid } })
  }
  try {
    await call(connection, {
      method: 'DELETE',
      path: `${collectionPath(object.type, object.namespace)}/${encodeURIComponent(object.name)}`,
      body,
      signal,
      timeout,
      patience: timeout / 2
    })
    return true
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || (error.status === 409 && /precondition/i.test(error.message)))) return false
    throw error
  }
}

const List = z.looseObject({
  items: z.array(
    z.looseObject({
      metadata: z.looseObject({ name: z.string(), namespace: z.string(), uid: z.string(), labels: z.record(z.string(), z.string()).default({}) })
    })
  )
})

export interface Found {
  readonly type: ObjectType
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly run: string
  /** Seconds since 1970; NaN when the label is not a number. */
  readonly expires: number
}

/** All objects that kscan made, in one namespace or in all, in the order in which they are to go: pods, then bindings. */
export const findMade = async (connection: Connection, scope: { namespace?: string; run?: string }): Promise<Found[]> => {
  const query = new URLSearchParams({
    labelSelector: scope.run === undefined ? 'app.kubernetes.io/managed-by=kscan' : `app.kubernetes.io/managed-by=kscan,${RUN_LABEL}=${scope.run}`
  })
  const found: Found[] = []
  for (const type of OBJECT_TYPES) {
    const { items } = List.parse(await call(connection, { method: 'GET', path: `${collectionPath(type, scope.namespace)}?${query.toString()}`, ...LISTING }))
    for (const { metadata } of items) {
      found.push({
        type,
        namespace: metadata.namespace,
        name: metadata.name,
        uid: metadata.uid,
        run: metadata.labels[RUN_LABEL] ?? '',
        expires: Number(metadata.labels[EXPIRES_LABEL])
      })
    }
  }
  return found
}
