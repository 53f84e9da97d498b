import { ScanError } from '../kernel/error.ts'
import type { ExecStream, StreamEvents } from './stream.ts'

/** Runs shell code of ours in a stream of its own; resolves with its exit code, rejects after `limit` milliseconds. */
export const runScript = async (open: (events: StreamEvents) => Promise<ExecStream>, script: string, limit: number): Promise<number> => {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const stream = await open({
    onOutput: () => {},
    onEnd: (end) => (end.kind === 'exited' ? resolve(end.code) : reject(new ScanError('SESSION_FAILED', end.message)))
  })
  const timer = setTimeout(() => reject(new ScanError('SESSION_FAILED', `a script did not end within ${limit} ms`)), limit)
  try {
    stream.write(Buffer.from(script))
    return await promise
  } finally {
    clearTimeout(timer)
    stream.close()
  }
}
