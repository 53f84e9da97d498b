import { expect, test } from '@jest/globals'
import { beat, type Pulse } from '../../../src/session/heartbeat.ts'

const NOW = 1_000_000

/** What one tick does; seconds since something was heard, and since the last use. */
const tick = (heard: number, used: number, more: Partial<Pulse> = {}): string[] => {
  const done: string[] = []
  const nothing = (): void => {}
  beat({
    stream: {
      write: nothing,
      endInput: () => true,
      pause: nothing,
      resume: nothing,
      ping: () => done.push('ping'),
      lastHeard: () => NOW - heard * 1000,
      close: nothing
    },
    now: NOW,
    lastUse: NOW - used * 1000,
    idle: true,
    inputOpen: false,
    touch: () => done.push('touch'),
    lose: (message) => done.push(message),
    ...more
  })
  return done
}

test.each<[what: string, done: string[], expected: string[]]>([
  ['of a connection in use', tick(1, 1), ['ping']],
  ['of one that was used half a minute ago', tick(1, 30), ['ping']],
  ['of one that was used longer ago', tick(1, 31), ['ping', 'touch']],
  ['while a long command is under way', tick(1, 3600, { idle: false }), ['ping']],
  ['of one that has been silent for a minute', tick(60, 1), ['ping']],
  ['of one that has been silent for longer', tick(61, 1), ['nothing was heard for 60 s']],
  ['of one that has been silent for longer, with a command under way', tick(61, 1, { idle: false }), ['nothing was heard for 60 s']],
  ['while input may not have been read', tick(1, 1, { idle: false, inputOpen: true }), []],
  ['while input may not have been read for a long time', tick(3600, 3600, { idle: false, inputOpen: true }), []]
])('a tick %s', (_what, done, expected) => expect(done).toEqual(expected))

test('a tick between two shells does nothing', () => expect(() => beat(undefined)).not.toThrow())
