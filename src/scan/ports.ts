import type { ExistingOptions } from '../cluster/existing.ts'
import type { Host } from '../host/host.ts'
import type { Clock } from '../kernel/clock.ts'

/** What a run needs of the world. */
export interface Ports {
  readonly host: Pick<
    Host,
    'log' | 'env' | 'workspace' | 'phase' | 'mask' | 'progress' | 'remember' | 'journalFolder' | 'toolFolder' | 'tempFolder' | 'owner' | 'secrets'
  >
  readonly clock: Clock
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal
  /** The program's own version. */
  readonly version: string
  /** Folder of the auditor's plugin and launcher. */
  readonly plugin: string
  /** Learns the name of a cluster that is about to be made. */
  readonly onCluster?: (name: string) => void
}

/** What the opening of a cluster has to say, and to whom. */
export const toldTo = (host: Pick<Host, 'log' | 'mask'>): Pick<ExistingOptions, 'onSecret' | 'onSlow' | 'onWarning' | 'onPluginLine'> => ({
  onSecret: (value) => host.mask(value),
  onSlow: (line) => host.log.info(`  ${line}`),
  onWarning: (line) => host.log.warn(line),
  onPluginLine: (line) => host.log.info(`  the credential plugin: ${line}`)
})

const PASSED_ON = [
  'PATH',
  'LANG',
  'TZ',
  'TMPDIR',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'HTTPS_PROXY',
  'https_proxy',
  'HTTP_PROXY',
  'http_proxy',
  'NO_PROXY',
  'no_proxy'
]

/** The allow-list of what a child process sees of our environment: nothing of the cluster, the cloud or the CI system. */
export const childEnvironment = (env: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(PASSED_ON.flatMap((name) => (env[name] === undefined || env[name] === '' ? [] : [[name, env[name]]])))
