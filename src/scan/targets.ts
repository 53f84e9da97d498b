import type { Connection } from '../cluster/connection.ts'
import type { Config } from '../config/config.ts'
import { ScanError } from '../kernel/error.ts'
import { demandNamespace } from '../target/namespace.ts'
import { selectTargets, type Selection, type SelectOptions } from '../target/select.ts'

type Place = Pick<SelectOptions, 'namespace' | 'wanted' | 'signal'>

/** The containers that the inputs mean, by `selectTargets`, which says what it throws; a namespace that is not there is the reason for all that is not in it. */
export const targetsOf = async (
  connection: Connection,
  config: Pick<Config, 'containers' | 'excludeContainers' | 'maxTargets'>,
  place: Place
): Promise<Selection> => {
  try {
    return await selectTargets(connection, { ...place, containers: config.containers, exclude: config.excludeContainers, maxTargets: config.maxTargets })
  } catch (error) {
    if (error instanceof ScanError && error.code === 'TARGET_UNUSABLE') await demandNamespace({ connection, namespace: place.namespace, signal: place.signal })
    throw error
  }
}
