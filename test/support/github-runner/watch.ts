import type { ChildProcess } from 'node:child_process'

/** Sends a signal after a line of the log matches; `cancel` is what the runner does to a cancelled job: SIGINT, SIGTERM, SIGKILL. */
export interface KillOn {
  readonly match: RegExp
  readonly signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL' | 'cancel'
  /** Milliseconds from SIGINT to SIGTERM and from there to SIGKILL; the runner's 7500 and 2500 when not given. */
  readonly waits?: readonly [term: number, kill: number]
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Everything that was written, stdout and stderr as they came. */
  readonly log: string
}

export interface Watch {
  readonly onLine: (line: string) => void
  readonly killOn: KillOn | undefined
  readonly timeout: number
}

/** Waits for a program's end; at last nothing of its process group is left. Rejects after the timeout. */
export const watch = (child: ChildProcess, { onLine, killOn, timeout }: Watch): Promise<Ended> =>
  new Promise((resolve, reject) => {
    let log = ''
    const timers: NodeJS.Timeout[] = []
    const later = (milliseconds: number, work: () => void): void => void timers.push(setTimeout(work, milliseconds))
    let open = killOn
    const take = (line: string): void => {
      onLine(line)
      if (open === undefined || !open.match.test(line)) return
      const { signal, waits = [7500, 2500] } = open
      open = undefined
      child.kill(signal === 'cancel' ? 'SIGINT' : signal)
      if (signal === 'cancel') later(waits[0], () => child.kill('SIGTERM'))
      if (signal === 'cancel') later(waits[0] + waits[1], () => endGroup(child))
    }
    const flushes = [child.stdout, child.stderr].map((stream) => {
      let rest = ''
      stream?.setEncoding('utf8').on('data', (text: string) => {
        log += text
        const lines = (rest + text).split('\n')
        rest = lines.pop() ?? ''
        lines.forEach(take)
      })
      return () => void (rest === '' || take(rest))
    })
    later(timeout, () => {
      endGroup(child)
      reject(new Error(`the action did not end within ${timeout} ms:\n${log}`))
    })
    child.once('error', reject)
    // a program left behind that holds the pipes open must not hold the step
    child.once('exit', () => later(1000, () => [child.stdout, child.stderr].forEach((stream) => stream?.destroy())))
    child.once('close', (code, signal) => {
      timers.forEach(clearTimeout)
      endGroup(child)
      flushes.forEach((flush) => flush())
      resolve({ code, signal, log })
    })
  })

const endGroup = ({ pid }: ChildProcess): void => {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // the group has already ended
  }
}
