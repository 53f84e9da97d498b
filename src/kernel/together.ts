/** Two works at once. The first failure aborts the other one, and is thrown when both have ended; after an interruption its reason is. */
export const together = async <A, B>(
  [first, second]: readonly [(signal: AbortSignal) => Promise<A>, (signal: AbortSignal) => Promise<B>],
  interruption: AbortSignal
): Promise<[A, B]> => {
  const failed = new AbortController()
  const signal = AbortSignal.any([interruption, failed.signal])
  const watched = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      return await work(signal)
    } catch (error) {
      failed.abort(error)
      throw error
    }
  }
  const [one, other] = await Promise.allSettled([watched(first), watched(second)])
  interruption.throwIfAborted()
  if (one.status === 'fulfilled' && other.status === 'fulfilled') return [one.value, other.value]
  throw failed.signal.reason
}
