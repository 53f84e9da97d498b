import { ScanError } from '../kernel/error.ts'
import type { ExecStream, StreamEvents } from './stream.ts'

/** Runs shell code of ours in a stream of its own; resolves with its exit code, rejects after `limit` milliseconds, the opening of the stream among them. */
export const runScript = async (open: (events: StreamEvents) => Promise<ExecStream>, script: string, limit: number): Promise<number> => {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const timer = setTimeout(() => reject(new ScanError('SESSION_FAILED', `a script did not end within ${limit} ms`)), limit)
  const opening = open({
    onOutput: () => {},
    onEnd: (end) => (end.kind === 'exited' ? resolve(end.code) : reject(new ScanError('SESSION_FAILED', end.message)))
  })
  opening.then((stream) => stream.write(Buffer.from(script)), reject)
  try {
    return await promise
  } finally {
    clearTimeout(timer)
    void opening.then(
      (stream) => stream.close(),
      () => {}
    )
  }
}
