import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { needsOf } from '../../../src/shell/needs.ts'

/** A command of a real profile, read by a person before the rules were written. */
interface Label {
  readonly command: string
  readonly programs: readonly string[]
  /** Whose absence the command itself asks about. */
  readonly excused: readonly string[]
  readonly reads: readonly string[]
  readonly alternatives?: readonly (readonly string[])[]
}
const labels = JSON.parse(readFileSync('test/fixtures/commands/labels.json', 'utf8')) as Label[]
const sorted = (names: readonly string[]): string[] => names.toSorted()

test('there are labels enough', () => expect(labels.length).toBeGreaterThanOrEqual(150))

test.each(labels.map((label) => [label.command, label] as const))('%s', (command, label) => {
  const { programs, reads, alternatives, asked, unclear } = needsOf(command)
  expect({ programs: sorted(programs), reads: sorted(reads.map(({ text }) => text)), alternatives, unclear }).toEqual({
    programs: sorted(label.programs),
    reads: sorted(label.reads),
    alternatives: label.alternatives ?? [],
    unclear: undefined
  })
  expect(asked).toEqual(expect.arrayContaining([...label.excused]))
})

describe('what is not to be read', () => {
  test.each(['echo "unclosed', 'if true; then echo', 'echo $(', 'a | | b'])('%s is unclear', (command) => {
    expect(needsOf(command).unclear).toEqual(expect.any(String))
  })

  test('scripts in scripts without end are unclear', () => {
    const nested = Array.from({ length: 12 }).reduce<string>((inner) => `sh -c ${JSON.stringify(inner)}`, 'id')
    expect(needsOf(nested).unclear).toEqual('scripts are nested too deep in it')
  })

  test.each(['', '#', '\0', '$((', '((', '\\', '{', '!', 'a=(', '${', '<<', '\u{1f4a9}', 'x'.repeat(100_000), '('.repeat(5000), '$('.repeat(2000)])(
    'no text makes it throw or hang (%#)',
    (command) => {
      const begun = performance.now()
      expect(() => needsOf(command)).not.toThrow()
      expect(performance.now() - begun).toBeLessThan(5000)
    }
  )
})
