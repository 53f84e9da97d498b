import type { Connection } from '../cluster/connection.ts'
import type { Config } from '../config/config.ts'
import { selectTargets, type Selection, type SelectOptions } from '../target/select.ts'

type Place = Pick<SelectOptions, 'namespace' | 'wanted' | 'signal'>

/** The containers that the inputs mean, by `selectTargets`, which says what it throws. */
export const targetsOf = (connection: Connection, config: Pick<Config, 'containers' | 'excludeContainers' | 'maxTargets'>, place: Place): Promise<Selection> =>
  selectTargets(connection, { ...place, containers: config.containers, exclude: config.excludeContainers, maxTargets: config.maxTargets })
