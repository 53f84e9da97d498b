import type { ExecStream, StreamEvents } from '../../src/session/stream.ts'

/** What a scripted shell says to one frame: text of both channels, in which NONCE stands for the frame's. */
export interface Answer {
  readonly stdout: string
  readonly stderr: string
}

export interface ScriptedShell {
  readonly open: (events: StreamEvents) => Promise<ExecStream>
  /** Of all streams: frames written, pings, opened streams. */
  readonly frames: string[]
  pings: number
  opened: number
  /** Milliseconds since 1970; what the stream says that it heard last. */
  heard: number
}

const GREETING: Answer = { stdout: '4711 1\ncat\n\nNONCE:0\n', stderr: 'NONCE:0\n' }

/** A shell that answers each frame behind the greeting by a script; undefined: not at all. */
export const scriptedShell = (answer: (frame: string) => Answer | undefined): ScriptedShell => {
  const shell: ScriptedShell = {
    frames: [],
    pings: 0,
    opened: 0,
    heard: Date.now(),
    open: (events) => {
      shell.opened += 1
      let greeted = false
      return Promise.resolve({
        write: (bytes) => {
          const text = Buffer.from(bytes).toString('latin1')
          const nonce = /\bk[0-9a-f]{32}\b/.exec(text)?.[0] ?? ''
          if (greeted) shell.frames.push(text)
          const said = greeted ? answer(text) : GREETING
          greeted = true
          if (said === undefined || nonce === '') return
          void Promise.resolve().then(() => {
            for (const channel of ['stdout', 'stderr'] as const)
              if (said[channel] !== '') events.onOutput(channel, Buffer.from(said[channel].replaceAll('NONCE', nonce), 'latin1'))
          })
        },
        endInput: () => true,
        pause: () => {},
        resume: () => {},
        ping: () => (shell.pings += 1),
        lastHeard: () => shell.heard,
        close: () => {}
      })
    }
  }
  return shell
}
