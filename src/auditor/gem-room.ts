import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { printableLine } from '../kernel/name.ts'
import type { Ended, Job } from '../process/run.ts'
import { chooseIsolation } from './isolation/isolation.ts'
import { giveTo, hasStrangers } from './isolation/stranger.ts'
import { treesOf } from './isolation/view.ts'
import type { AuditorOptions } from './program.ts'

/** Where gems are fetched and unpacked: Ruby sees itself, the user's configuration of gems, certificates and the network, and can write to one folder. */
export interface GemRoom {
  readonly folder: string
  readonly run: (args: readonly string[], more: Pick<Job, 'stdin' | 'timeout'>) => Promise<Ended>
  /** Makes what lies in the folder ours again, once nothing runs in it. */
  readonly take: () => void
}

const RUBY_SECONDS = 300
/** Another user does not get to a folder of tools. */
const WRITES = 'cd "$HOME" && : >written && exec "$0" --version'

/** Makes the room in a private folder. Throws the signal's reason. */
export const openGemRoom = async (ruby: string, workFolder: string, { env, pluginFolder, log, signal }: AuditorOptions): Promise<GemRoom> => {
  const folder = join(workFolder, 'gems')
  await mkdir(folder, { mode: 0o700 })
  const given = [gemrcOf(env['HOME'] ?? ''), '/etc/gemrc', env['SSL_CERT_FILE'] ?? '', env['SSL_CERT_DIR'] ?? ''].filter((path) => existsSync(path))
  const isolation = await chooseIsolation({
    what: 'what fetches the gems',
    wish: 'auto',
    needs: { programs: treesOf(ruby, { path: env['PATH'] ?? '', hidden: [] }), network: true, machine: false, hidden: [] },
    data: [pluginFolder, ...given].map((path) => [path]),
    probe: { file: '/bin/sh', args: ['-c', WRITES, ruby] },
    env,
    folder: workFolder,
    plugin: pluginFolder,
    seconds: RUBY_SECONDS,
    signal
  })
  log.info(printableLine(`Isolation of what fetches the gems: ${isolation.says}; with the network`, 1000))
  const configured = given.filter((path) => path.endsWith('gemrc')).map(isolation.at)
  const job = { file: ruby, env: { ...env, HOME: folder, GEMRC: configured.toReversed().join(':') }, signal }
  return {
    folder,
    run: (args, more) => isolation.run({ ...job, args, ...more }, folder),
    take: () => void (hasStrangers() && giveTo(0, folder))
  }
}

/** The user's own, as RubyGems looks for it. */
const gemrcOf = (home: string): string => [join(home, '.gemrc'), join(home, '.config', 'gem', 'gemrc')].find((path) => existsSync(path)) ?? ''
