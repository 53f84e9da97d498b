/**
 * The same work over many, no more than `limit` of it at once: what waits for its turn has not begun, and no time of its own runs. Results are in the order of
 * the items. After a failure nothing more is begun; it is thrown when what was under way has ended.
 */
export const atMost = async <Item, Result>(limit: number, items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> => {
  const results: Result[] = []
  const waiting = items.entries() // shared by all that take from it
  let failed = false
  const take = async (): Promise<void> => {
    for (const [at, item] of waiting) {
      results[at] = await work(item).catch((error: unknown) => {
        failed = true
        throw error
      })
      if (failed) return
    }
  }
  const workers = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, take))
  for (const worker of workers) if (worker.status === 'rejected') throw worker.reason
  return results
}
