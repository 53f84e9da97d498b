import type { AuditorOptions, AuditorRoom } from '../auditor/program.ts'
import type { Config } from '../config/config.ts'
import { childEnvironment, type Ports } from './ports.ts'

/** How an auditor is looked for and started. Gems are fetched as the user has configured it in his home. */
export const auditorOptions = (
  { auditor, auditorVersion, fetching }: Pick<Config, 'auditor' | 'auditorVersion' | 'fetching'>,
  { host, plugin, signal }: Pick<Ports, 'host' | 'plugin' | 'signal'>,
  room?: AuditorRoom
): AuditorOptions => {
  const home = host.env['HOME']
  const env = { ...childEnvironment(host.env), ...(home === undefined ? {} : { HOME: home }) }
  const given = { order: auditor, version: auditorVersion, fetching, ...(room === undefined ? {} : { room }) }
  return { ...given, toolFolder: host.toolFolder, pluginFolder: plugin, env, log: host.log, signal }
}
