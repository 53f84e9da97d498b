import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, test } from '@jest/globals'
import { showDuration, systemClock } from '../../../src/kernel/clock.ts'

test.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [1000, '1.0 s'],
  [59_900, '59.9 s'],
  [60_000, '1 min 0 s'],
  [245_000, '4 min 5 s']
])('%i ms is %s for people', (milliseconds, text) => expect(showDuration(milliseconds)).toBe(text))

test('a pause ends when its signal is aborted', async () => {
  await expect(systemClock.sleep(60_000, AbortSignal.timeout(20))).rejects.toThrow()
})

/** The zone of a process is fixed at its start. */
test.each([
  ['Pacific/Kiritimati', '2026-03-01T12:00:00Z', '2026-03-02'],
  ['Pacific/Pago_Pago', '2026-03-01T08:00:00Z', '2026-02-28'],
  ['UTC', '2026-03-01T12:00:00Z', '2026-03-01']
])('in %s the day of %s is %s', (zone, time, day) => {
  const script = `import { localDay } from ${JSON.stringify(resolve('src/kernel/clock.ts'))}; console.log(localDay(${Date.parse(time)}))`
  expect(execFileSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], { env: { TZ: zone }, encoding: 'utf8' })).toBe(`${day}\n`)
})
