/** What a work gives; the signal's reason as soon as it is aborted, though the work may go on and its end is then nobody's concern. */
export const unlessAborted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  const { promise, reject } = Promise.withResolvers<never>()
  const giveUp = (): void => reject(signal.reason)
  signal.addEventListener('abort', giveUp, { once: true })
  if (signal.aborted) giveUp()
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

/** Waits for a work, and for so many milliseconds at most; resolves with whether it has ended. Whether it fails is nobody's concern. */
export const waitAtMost = async (work: Promise<unknown>, milliseconds: number): Promise<boolean> => {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), milliseconds)
  const ended = work.then(
    () => true,
    () => true
  )
  const first = await Promise.race([ended, promise])
  clearTimeout(timer)
  return first
}

/** A signal that is aborted so many milliseconds after another one; `stop` ends the waiting. */
export const abortedLater = (signal: AbortSignal, milliseconds: number): { readonly signal: AbortSignal; readonly stop: () => void } => {
  const later = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const begin = (): void => void (timer = setTimeout(() => later.abort(signal.reason), milliseconds))
  signal.addEventListener('abort', begin, { once: true })
  if (signal.aborted) begin()
  const stop = (): void => {
    clearTimeout(timer)
    signal.removeEventListener('abort', begin)
  }
  return { signal: later.signal, stop }
}
