import type { Connection } from '../cluster/connection.ts'
import { OWN_SHELL } from '../session/own-shell.ts'
import type { Session } from '../session/session.ts'
import type { ExecStream, StreamEvents } from '../session/stream.ts'
import type { ExecTarget } from './exec-endpoint.ts'
import { openExec } from './exec-stream.ts'
import { openShellSession, type ShellOptions } from './shell-session.ts'

/** What is started in the target; admission policies may admit exactly this. */
export const SHELL_ARGV = ['/bin/sh'] as const

/** A session over the target's own shell. Rejects with TARGET_UNUSABLE when the image has none, ACCESS_DENIED or SESSION_FAILED. */
export const openKubernetesApi = (options: ShellOptions): Promise<Session> => openShellSession({ argv: SHELL_ARGV, dialect: OWN_SHELL }, options)

/** One exec stream of the target's shell. */
export const openKubernetesApiStream = (
  connection: Connection,
  target: ExecTarget,
  { events, signal }: { events: StreamEvents; signal?: AbortSignal }
): Promise<ExecStream> => openExec(connection, { target, argv: SHELL_ARGV }, { events, signal })
