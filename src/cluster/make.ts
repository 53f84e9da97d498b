import { z } from 'zod'
import type { Journal } from '../undo/journal.ts'
import { note } from '../undo/note.ts'
import type { Rest, Scope } from '../undo/scope.ts'
import { ApiError, call, changedNothing } from './api.ts'
import type { Connection } from './connection.ts'
import { collectionPath, objectPath, type ObjectType, RUN_LABEL } from './manifests.ts'
import { CHANGING } from './request.ts'
import { startRemoval, untilGone } from './sweep.ts'

/** An object that a run is about to make. */
export interface Planned {
  readonly type: ObjectType
  readonly namespace: string
  readonly name: string
  readonly run: string
}

export interface MakePorts {
  readonly connection: Connection
  readonly journal: Journal
  readonly scope: Scope
  /** Milliseconds that the undoing may take. */
  readonly limit: number
}

/** Of its time an undoing keeps so much for its own end: what kept it from success is said, not that it took too long. */
const END_MS = 300

/**
 * Makes an object by `create`, which resolves with its uid, so that it is undone whatever becomes of it. Where its error says that nothing was made, nothing is
 * left to be undone; any other may have made it, and the undoing looks for it.
 */
export const makeObject = async (planned: Planned, ports: MakePorts, create: () => Promise<string>): Promise<void> => {
  const { type, namespace, name } = planned
  const { connection, limit } = ports
  const undo = async (uid: string | undefined, signal: AbortSignal): Promise<Rest | void> => {
    const removed = await startRemoval(connection, { type, namespace, name, uid }, { timeout: limit - END_MS, signal })
    if (typeof removed !== 'boolean') return (later, room) => untilGone(connection, removed, { timeout: room - END_MS, signal: later })
  }
  const noted = note({ entry: { kind: 'object', type, namespace, name }, what: `${type} ${namespace}/${name}`, limit, undo }, ports)
  try {
    noted.made(await create())
  } catch (error) {
    const uid = isTaken(error) ? await ownUid(connection, planned) : undefined
    if (uid !== undefined) noted.made(uid)
    else if (isTaken(error) || changedNothing(error)) noted.forget()
    throw error
  }
}

const isTaken = (error: unknown): boolean => error instanceof ApiError && error.status === 409

const Labelled = z.looseObject({ metadata: z.looseObject({ uid: z.string(), labels: z.record(z.string(), z.string()).default({}) }) })

/**
 * The uid of the object that has the name already, if it is of this run: something on the way sent our request twice. It is removed and never used, for nobody
 * has looked at what it holds. Whoever may not read it knows no such object: another's must not be deleted by its name.
 */
const ownUid = async (connection: Connection, planned: Planned): Promise<string | undefined> => {
  try {
    const { metadata } = Labelled.parse(await call(connection, { method: 'GET', path: objectPath(planned), timeout: LOOK_MS }))
    return metadata.labels[RUN_LABEL] === planned.run ? metadata.uid : undefined
  } catch {
    return undefined
  }
}

const LOOK_MS = 2000

const Created = z.looseObject({ metadata: z.looseObject({ uid: z.string() }) })

/** Where an object is to be made, and what tells that it is not wanted any more. */
export interface Place extends Pick<Planned, 'type' | 'namespace'> {
  readonly interrupt: AbortSignal
}

/** Sends an object to be made; resolves with its uid. It is not aborted at once: the server might carry it out after our delete had found nothing. */
export const create = async (connection: Connection, { type, namespace, interrupt }: Place, body: unknown): Promise<string> =>
  Created.parse(await call(connection, { method: 'POST', path: collectionPath(type, namespace), body, interrupt, ...CHANGING })).metadata.uid
