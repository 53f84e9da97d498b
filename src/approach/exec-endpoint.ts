import { type Connection, resolvePath } from '../cluster/connection.ts'
import type { ExecEndpoint } from '../session/stream.ts'

export interface ExecTarget {
  readonly namespace: string
  readonly pod: string
  readonly container: string
}

/** The exec subresource of a container with stdin, stdout and stderr, without a terminal. */
export const execEndpoint = async (connection: Connection, target: ExecTarget, command: readonly string[]): Promise<ExecEndpoint> => {
  const path = `api/v1/namespaces/${encodeURIComponent(target.namespace)}/pods/${encodeURIComponent(target.pod)}/exec`
  const url = resolvePath(connection.server.url, path)
  url.protocol = 'wss:'
  for (const part of command) url.searchParams.append('command', part)
  for (const [key, value] of [
    ['container', target.container],
    ['stdin', 'true'],
    ['stdout', 'true'],
    ['stderr', 'true'],
    ['tty', 'false']
  ] as const)
    url.searchParams.append(key, value)
  return { url: url.href, headers: await connection.headers(), agent: connection.agent, about: connection.about }
}
