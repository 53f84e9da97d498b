/** Where the demo's three pods are. */
export interface Place {
  /** What `kscan scan` is told of them. */
  readonly words: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** Takes everything back, and tells what is left. */
  close(): Promise<readonly string[]>
}

export const LABEL = 'demo.kscan.dev/pod'

/** One that other programs of the demo show. */
export const say = (text: string): void => console.error(text)

/** Says what takes long before it does, and how long it took. */
export const slowly = async <T>(what: string, work: () => T | Promise<T>): Promise<T> => {
  say(`${what} …`)
  const begun = performance.now()
  const result = await work()
  const seconds = (performance.now() - begun) / 1000
  if (seconds > 2) say(`  done in ${seconds.toFixed(0)} s`)
  return result
}
