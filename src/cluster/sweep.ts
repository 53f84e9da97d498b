import { z } from 'zod'
import { systemClock } from '../kernel/clock.ts'
import { ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { ApiError, call } from './api.ts'
import type { Connection } from './connection.ts'
import { isNameOf } from '../undo/entry.ts'
import { collectionPath, objectPath, EXPIRES_LABEL, OBJECT_TYPES, type ObjectType, OWNER_ANNOTATION, RUN_LABEL } from './manifests.ts'
import { LISTING } from './request.ts'

/** What one object is deleted by; without its uid by its name alone. */
export interface Removal {
  readonly type: ObjectType
  readonly namespace: string
  readonly name: string
  readonly uid?: string | undefined
}

/** How long what is deleted may take to go. Times in milliseconds. */
export interface Within {
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
}

/** What was deleted, and is there still: something holds it, or its end was not said. */
export interface Held {
  readonly object: Removal
  /** For people: what holds it, and what that means. */
  readonly why: string
}

/** Deletes one object and waits until it is gone; resolves with false when it was not there, or another one has its name. Throws API_FAILED when it stays. */
export const removeObject = async (connection: Connection, object: Removal, within: Within): Promise<boolean> => {
  const removed = await startRemoval(connection, object, within)
  if (typeof removed !== 'boolean') await untilGone(connection, removed, { ...within, timeout: Math.min(within.timeout, GONE_MS) })
  return removed !== false
}

/** The same without the wait. */
export const startRemoval = async (connection: Connection, object: Removal, within: Within): Promise<boolean | Held> => {
  const answer = await sendDelete(connection, object, within)
  if (answer === undefined || isGone(answer)) return answer !== undefined
  const held = { ...object, uid: answer.metadata.uid ?? object.uid }
  const emptied = object.type === 'rolebinding' && (await takeOutSubjects(connection, held, within))
  return { object: held, why: reasonOf(answer, object.type, emptied) }
}

const GONE_MS = 3000
const LOOK_MS = 150

/** Deletes what is on its way out again, by its uid, until it is not found: whoever may delete it need have no right to read it. Throws API_FAILED. */
export const untilGone = async (connection: Connection, { object, why }: Held, { timeout, signal }: Within): Promise<void> => {
  const end = systemClock.now() + timeout
  while (object.uid !== undefined) {
    const answer = await sendDelete(connection, object, { timeout: Math.max(LEAST_MS, end - systemClock.now()), signal })
    if (answer === undefined || isGone(answer)) return
    if (systemClock.now() + LOOK_MS > end) break
    await systemClock.sleep(LOOK_MS, signal)
  }
  throw new ScanError('API_FAILED', why)
}

const LEAST_MS = 200

const Deleted = z.looseObject({
  kind: z.string().default(''),
  status: z.unknown().optional(),
  metadata: z
    .looseObject({ uid: z.string().optional(), finalizers: z.array(z.string()).default([]), deletionGracePeriodSeconds: z.number().default(0) })
    .prefault({})
})
type Deleted = z.infer<typeof Deleted>

const KINDS: Readonly<Record<ObjectType, string>> = { pod: 'Pod', serviceaccount: 'ServiceAccount', role: 'Role', rolebinding: 'RoleBinding' }

/** A Status of success, or the object as it was last: one that is held says by what. Anything else leaves it open. */
const isGone = ({ kind, status, metadata }: Deleted): boolean => {
  if (kind === 'Status') return status === 'Success'
  return Object.values(KINDS).includes(kind) && metadata.finalizers.length === 0 && metadata.deletionGracePeriodSeconds === 0
}

const WHAT_STAYS: Readonly<Record<ObjectType, string>> = {
  pod: '',
  role: '',
  rolebinding: '; the rights that it gives are in force until then',
  serviceaccount: '; its token is accepted for about a minute more'
}

const reasonOf = ({ metadata: { finalizers } }: Deleted, type: ObjectType, emptied: boolean): string => {
  if (finalizers.length === 0) return 'the API server did not confirm that it is gone'
  const names = `${finalizers.length === 1 ? 'the finalizer' : 'the finalizers'} ${printableLine(finalizers.join(', '), 200)}`
  return `it is still there: ${names} ${finalizers.length === 1 ? 'keeps' : 'keep'} it${emptied ? '; it gives no rights any more' : WHAT_STAYS[type]}`
}

/** A binding that stays gives nothing without those whom it is for, where we may change it. */
const takeOutSubjects = async (connection: Connection, object: Removal, { signal }: Within): Promise<boolean> => {
  const body = { metadata: { uid: object.uid }, subjects: null }
  try {
    await call(connection, { method: 'PATCH', path: objectPath(object), body, signal, timeout: CHANGE_MS, patience: CHANGE_MS })
    return true
  } catch {
    return false // whoever makes bindings need not be allowed to change them
  }
}

const CHANGE_MS = 1000

/** Undefined when there is no such object, or another one has its name. */
const sendDelete = async (connection: Connection, object: Removal, { timeout, signal }: Within): Promise<Deleted | undefined> => {
  const body = {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(object.type === 'pod' ? { gracePeriodSeconds: 0 } : {}), // nothing in a pod of ours has anything to finish
    ...(object.uid === undefined ? {} : { preconditions: { uid: object.uid } })
  }
  try {
    return Deleted.parse(await call(connection, { method: 'DELETE', path: objectPath(object), body, signal, timeout, patience: timeout / 2 }))
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || (error.status === 409 && /precondition/i.test(error.message)))) return undefined
    throw error
  }
}

const texts = z.record(z.string(), z.string()).default({})
const Metadata = z.looseObject({ name: z.string(), namespace: z.string(), uid: z.string().min(1), labels: texts, annotations: texts })
const List = z.looseObject({ items: z.array(z.looseObject({ metadata: Metadata })) })
const One = z.looseObject({ metadata: Metadata })

/** Whose an object must be, so that it is removed without its uid: that of a run, as it was made by this owner. */
export interface Whose {
  readonly run: string
  readonly owner: string
}

/**
 * Deletes the object that a run may have made under a name, and whose uid it did not live to learn: one that has the marks of that run. Resolves with false when
 * there is none. Throws an Error for another's object, which is left alone, and for one that may not be looked at.
 */
export const removeMarked = async (connection: Connection, { run, owner, ...object }: Whose & Omit<Removal, 'uid'>, limits: Within): Promise<boolean> => {
  let found: z.infer<typeof Metadata>
  try {
    found = One.parse(await call(connection, { method: 'GET', path: objectPath(object), ...limits })).metadata
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false
    throw error
  }
  if (found.name !== object.name || found.labels[RUN_LABEL] !== run || found.annotations[OWNER_ANNOTATION] !== owner)
    throw new Error(`it does not carry the marks of run ${run} by ${owner}, and was left alone`)
  return await removeObject(connection, { ...object, uid: found.uid }, limits)
}

export interface Found {
  readonly type: ObjectType
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly run: string
  /** Seconds since 1970; NaN when the label is not a number. */
  readonly expires: number
}

/**
 * All objects that kscan made, in one namespace or in all, in the order in which they are to go: pods, then bindings. Anybody may give an object a label: those
 * of kscan have its name too, which nothing takes on later, and an owner.
 */
export const findMade = async (connection: Connection, scope: { namespace?: string; run?: string; signal?: AbortSignal }): Promise<Found[]> => {
  const query = new URLSearchParams({
    labelSelector: scope.run === undefined ? 'app.kubernetes.io/managed-by=kscan' : `app.kubernetes.io/managed-by=kscan,${RUN_LABEL}=${scope.run}`
  })
  const found: Found[] = []
  for (const type of OBJECT_TYPES) {
    const { items } = List.parse(
      await call(connection, { method: 'GET', path: `${collectionPath(type, scope.namespace)}?${query.toString()}`, signal: scope.signal, ...LISTING })
    )
    found.push(...items.flatMap(({ metadata }) => madeBy(metadata, type)))
  }
  return found.filter(({ run }) => scope.run === undefined || run === scope.run)
}

const madeBy = ({ namespace, name, uid, labels, annotations }: z.infer<typeof Metadata>, type: ObjectType): Found[] => {
  const run = labels[RUN_LABEL] ?? ''
  if (!isNameOf(run, type, name) || (annotations[OWNER_ANNOTATION] ?? '') === '') return []
  return [{ type, namespace, name, uid, run, expires: Number(labels[EXPIRES_LABEL]) }]
}
