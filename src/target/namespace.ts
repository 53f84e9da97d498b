import { z } from 'zod'
import { ApiError, call } from '../cluster/api.ts'
import { LISTING } from '../cluster/request.ts'
import { ScanError } from '../kernel/error.ts'
import { didYouMean } from '../kernel/nearest.ts'
import type { Place } from './list.ts'

const Names = z.looseObject({ items: z.array(z.looseObject({ metadata: z.looseObject({ name: z.string() }) })) })

/**
 * Rights can be asked for, and had, in a namespace that is not there, and a list of its pods is empty. One that the caller may not read passes. Throws
 * TARGET_UNUSABLE.
 */
export const demandNamespace = async (place: Place): Promise<void> => {
  const { connection, namespace, signal } = place
  try {
    await call(connection, { method: 'GET', path: `api/v1/namespaces/${encodeURIComponent(namespace)}`, signal })
  } catch (error) {
    if (error instanceof ApiError && error.code === 'ACCESS_DENIED') return
    if (!(error instanceof ApiError) || error.status !== 404) throw error
    const { hint = 'Look at `kubectl get namespaces`.' } = didYouMean(namespace, await namesOf(place))
    throw new ScanError('TARGET_UNUSABLE', `The cluster has no namespace ${namespace}`, { cause: error, hint })
  }
}

/** None where they cannot be listed. */
const namesOf = async ({ connection, signal }: Place): Promise<readonly string[]> => {
  try {
    return Names.parse(await call(connection, { method: 'GET', path: 'api/v1/namespaces?limit=500', signal, ...LISTING })).items.map(
      ({ metadata }) => metadata.name
    )
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof ScanError || error instanceof z.ZodError) return []
    throw error
  }
}
