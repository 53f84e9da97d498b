// Everything that a change must keep: format, lint, types, arrows, generated tables, dist. All are run; the first that fails does not hide the others.
import { spawnSync } from 'node:child_process'

const CHECKS: readonly (readonly [name: string, file: string, args: readonly string[]])[] = [
  ['format', 'oxfmt', ['--check', '.']],
  ['lint', 'oxlint', ['--type-aware', '--deny-warnings', 'src', 'test', 'scripts']],
  ['types', 'tsc', ['--noEmit']],
  ['arrows', 'node', ['scripts/arrows.ts']],
  ['tables', 'node', ['scripts/tables.ts', '--check']],
  ['dist', 'node', ['scripts/build.ts', '--check']]
]

let failed = 0
for (const [name, file, args] of CHECKS) {
  const begun = performance.now()
  const { status } = spawnSync(file, args, { stdio: 'inherit' })
  if (status !== 0) failed += 1
  console.log(`${status === 0 ? '✓' : '✗'} ${name} (${((performance.now() - begun) / 1000).toFixed(1)} s)`)
}
console.log(`${CHECKS.length - failed} passed, ${failed} failed`)
if (failed > 0) process.exitCode = 1
