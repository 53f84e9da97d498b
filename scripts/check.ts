// Everything that a change must keep: format, lint, types, arrows, generated tables, dist. All are run, as many at once as there are processors, and told in
// their order; the first that fails does not hide the others.
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { text } from 'node:stream/consumers'

type Check = readonly [name: string, file: string, args: readonly string[]]

/** The longest first. */
const CHECKS: readonly Check[] = [
  ['dist', 'node', ['scripts/build.ts', '--check']],
  ['lint', 'oxlint', ['--type-aware', '--deny-warnings', 'src', 'test', 'scripts']],
  ['types', 'tsc', ['--noEmit']],
  ['arrows', 'node', ['scripts/arrows.ts']],
  ['tables', 'node', ['scripts/tables.ts', '--check']],
  ['format', 'oxfmt', ['--check', '.']]
]

interface Told {
  readonly passed: boolean
  readonly text: string
}

const tell = async ([name, file, args]: Check): Promise<Told> => {
  const begun = performance.now()
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<boolean>((done) => child.once('error', () => done(false)).once('close', (status) => done(status === 0)))
  const [passed, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return { passed, text: `${stdout}${stderr}${passed ? '✓' : '✗'} ${name} (${((performance.now() - begun) / 1000).toFixed(1)} s)` }
}

const waiting = CHECKS.map((check, index) => ({ check, index }))
const told: Told[] = []
const work = async (): Promise<void> => {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) told[next.index] = await tell(next.check)
}
await Promise.all(Array.from({ length: availableParallelism() }, work))

for (const each of told) console.log(each.text)
const failed = told.filter(({ passed }) => !passed).length
console.log(`${CHECKS.length - failed} passed, ${failed} failed`)
if (failed > 0) process.exitCode = 1
