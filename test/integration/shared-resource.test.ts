import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type LocalAudit, localAudit } from '../support/local-audit.ts'
import { writtenProfile } from '../support/written-profile.ts'

/** The first audit on a machine fetches the auditor. */
const FETCH_MS = 120_000

const folder = mkdtempSync(join(tmpdir(), 'shared-'))
afterAll(() => rmSync(folder, { recursive: true }))

const LIBRARY = `class Held < Inspec.resource(1)
  name 'held'
  def value = (@value ||= inspec.command('nosuch-held').stdout)
  def deep = (@deep ||= inspec.held).value
  def more = (@more ||= inspec.command('nosuch-more').stdout)
  def method_missing(name) = @missing ||= inspec.command("nosuch-#{name}").stdout
  def respond_to_missing?(*) = true
end
class Kept < Inspec.resource(1)
  name 'kept'
  def command = (@@command ||= inspec.command('nosuch-kept'))
end
`

/** Resources that are made once, as Ruby text, and how a control looks at what they remember. */
const SHARED: readonly (readonly [what: string, made: string, look: (name: string) => string])[] = [
  ['a command', "command('nosuch-command')", (name) => `describe(${name}) { its('stdout') { should eq '' } }`],
  ['a command, read at load', "command('nosuch-load')", (name) => `out = ${name}.stdout\ndescribe(out) { it { should eq '' } }`],
  ['a script', "bash('nosuch-script')", (name) => `describe(${name}) { its('stdout') { should eq '' } }`],
  ["a profile's own resource", 'held', (name) => `describe(${name}) { its('value') { should eq '' } }`],
  ['one that another one holds', 'held', (name) => `describe(${name}) { its('deep') { should eq '' } }`],
  ['one that answers by method_missing', 'held', (name) => `describe(${name}) { its('thing') { should eq '' } }`],
  ['one that a library keeps', 'kept', (name) => `describe(${name}.command) { its('stdout') { should eq '' } }`],
  [
    "a profile's own and another of it",
    'held',
    (name) => `describe(${name}) { its('value') { should eq '' } }\ndescribe(held) { its('value') { should eq '' } }`
  ]
]

/** A file that looks at a resource before and after a control of it had that ask for more. */
const LATER = `later = held
later.value
control 'asks' do
  said = later.more
  describe(said) { it { should eq '' } }
end
said = later.more
describe(said) { it { should eq '' } }
`

let audit: LocalAudit
beforeAll(async () => {
  const controls = SHARED.flatMap(([, made, look], index): string[] => {
    const name = `made_${index}`
    const two = ['first', 'second'].map((each) => `control "${each}-${index}" do\n${look(name)}\nend\n`)
    return [`${name} = ${made}\n`, ...two]
  })
  const beside = `control "beside" do\ndescribe(command('true')) { its('stdout') { should eq '' } }\nend\n`
  writtenProfile(folder, {}, { 'controls/all.rb': controls.join('') + beside, 'controls/later.rb': LATER, 'libraries/held.rb': LIBRARY })
  audit = await localAudit([folder])
}, FETCH_MS)

const controlsOf = (program: RegExp): string[] =>
  [...new Set(audit.lacks.filter(({ command }) => program.test(command)).flatMap((lack) => [...lack.controls]))].toSorted()

test('an answer that a resource remembers counts for each control that looks at it, and for no other', () => {
  const asked = audit.lacks.flatMap((lack) => [...lack.controls])
  const wanted = SHARED.flatMap((_, index) => [`first-${index}`, `second-${index}`])
  expect([...new Set(asked)].toSorted()).toEqual([...wanted, 'asks'].toSorted())
})

test('what a resource was made to ask later counts for those that look at it from then on', () => {
  const more = audit.lacks.filter(({ command }) => /nosuch-more/.test(command))
  expect(more.map(({ controls, files }) => [[...controls], [...files].map((file) => basename(file))])).toEqual([[['asks'], ['later.rb']]])
})

test.each(SHARED.map(([what], index) => [what, index] as const))('%s', (_, index) => {
  const controls = controlsOf(/nosuch/)
  expect(controls).toEqual(expect.arrayContaining([`first-${index}`, `second-${index}`]))
})
