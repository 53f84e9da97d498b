import type { Host } from '../host/host.ts'
import type { Clock } from '../kernel/clock.ts'

/** What a run needs of the world. */
export interface Ports {
  readonly host: Pick<Host, 'log' | 'env' | 'phase' | 'mask' | 'progress' | 'remember' | 'journalFolder' | 'toolFolder' | 'tempFolder' | 'owner' | 'secrets'>
  readonly clock: Clock
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal
  /** The program's own version. */
  readonly version: string
  /** Folder of the auditor's plugin and launcher. */
  readonly plugin: string
}

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
