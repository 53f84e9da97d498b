import { z } from 'zod'
import { call } from './api.ts'
import type { Connection } from './connection.ts'

const Owner = z.looseObject({ kind: z.string(), name: z.string() })
const Item = z.looseObject({ metadata: z.looseObject({ name: z.string(), ownerReferences: z.array(Owner).optional() }) })
const Items = z.looseObject({ items: z.array(Item) })
/** An object of a list, as far as it has a name. */
export type Named = z.infer<typeof Item>

const LOOK_MS = 5000

/** What is at a path, to say what a name may have been meant to be: no more than the first 500, and nothing where the caller may not list them. */
export const namedAt = async (connection: Connection, path: string, signal?: AbortSignal): Promise<readonly Named[]> => {
  try {
    return Items.parse(await call(connection, { method: 'GET', path: `${path}?limit=500`, timeout: LOOK_MS, signal })).items
  } catch {
    signal?.throwIfAborted()
    return []
  }
}
