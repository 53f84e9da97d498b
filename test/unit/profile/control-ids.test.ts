import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from '@jest/globals'
import { ScanError, showProblem } from '../../../src/kernel/error.ts'
import { controlIds, demandControls } from '../../../src/profile/control-ids.ts'
import { unknownInputs } from '../../../src/profile/unknown-inputs.ts'

const root = mkdtempSync(join(tmpdir(), 'kscan-ids-'))
afterAll(() => rmSync(root, { recursive: true }))
let made = 0

const profile = (source: string, { metadata = 'name: one\n', files = {} }: { metadata?: string; files?: Readonly<Record<string, string>> } = {}): string => {
  const path = join(root, `p${(made += 1)}`)
  mkdirSync(join(path, 'controls'), { recursive: true })
  writeFileSync(join(path, 'inspec.yml'), metadata)
  writeFileSync(join(path, 'controls', 'a.rb'), source)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(path, name, '..'), { recursive: true })
    writeFileSync(join(path, name), text)
  }
  return path
}
const whole = (path: string) => ({ source: path, path, sha256: path })

describe('the ids of controls', () => {
  test.each<[string, string[] | undefined]>([
    ["control 'a-1' do\nend\ncontrol(\"a-2\") do\nend\nrule 'a-3' do\nend\n", ['a-1', 'a-2', 'a-3']],
    ["# control \"x-#{n}\" is made elsewhere\ncontrol 'a' do\n  desc 'The control of access, and a load balancer'\nend", ['a']],
    ['%w[a b].each { |x| control x do\nend }', undefined],
    ['%w[a b].each do |x|\n  control "v-#{x}" do\n  end\nend', undefined],
    ['ids.each do |id|\n  control id do\n  end\nend', undefined],
    ["include_controls 'other'", undefined],
    ["self.send(:control, 'x') {}", undefined],
    ["eval(File.read('x'))", undefined]
  ])('%j: %j', (source, ids) => {
    const found = controlIds(profile(source))
    expect(found === undefined ? undefined : [...found]).toEqual(ids)
  })

  test.each<[string, Parameters<typeof profile>[1]]>([
    ['a dependency', { metadata: 'name: one\ndepends:\n  - name: x\n    path: ../x\n' }],
    ['a template', { metadata: 'name: <%= 1 %>\n' }],
    ['resources of its own', { files: { 'libraries/x.rb': '' } }]
  ])('are not known with %s', (_what, more) => {
    expect(controlIds(profile("control 'a' do\nend", more))).toBeUndefined()
  })

  test('are not known of an archive, nor of what is not there', () => {
    expect([controlIds(join(root, 'none')), controlIds('package.json')]).toEqual([undefined, undefined])
  })
})

describe('an id that no profile has', () => {
  const one = whole(profile("control 'accounts-1' do\nend\ncontrol 'V-2' do\nend"))
  const said = (profiles: Parameters<typeof demandControls>[0], wanted: string[]): string[] => {
    try {
      demandControls(profiles, wanted)
      return []
    } catch (error) {
      return error instanceof ScanError ? error.problems.map(showProblem) : ['another error']
    }
  }

  test.each([
    [['acounts-1'], ['controls: expected ids of the profiles; got "acounts-1". Did you mean accounts-1?']],
    [['v-2'], ['controls: expected ids of the profiles; got "v-2". Did you mean V-2?']],
    [['nothing-like-it'], ['controls: expected ids of the profiles; got "nothing-like-it". They have: accounts-1, V-2']],
    [['accounts-1', 'V-2', '/nothing/'], []]
  ])('%j', (wanted, problems) => expect(said([one], wanted)).toEqual(problems))

  test('is left to the auditor where one profile has ids that are not known', () => {
    expect(said([one, whole(profile('control id do\nend'))], ['acounts-1'])).toEqual([])
  })
})

describe('an input that no profile has', () => {
  const one = whole(
    profile("min = input('min_days', value: 1)\nattribute('old_name')\nhash['looked_up']\n", {
      metadata: 'name: one\ninputs:\n  - name: banner\n    value: x\n'
    })
  )
  const told = (text: string, profiles = [one]): string[] => unknownInputs(profiles, [{ source: 'profile-inputs', text }])

  test.each([
    ['min_days: 2\nbanner: x\nold_name: y\nlooked_up: z', []],
    ['min_dyas: 2', ['profile-inputs: no profile has an input min_dyas (did you mean min_days?)']],
    ['baner: 2', ['profile-inputs: no profile has an input baner (did you mean banner?)']],
    ['nosuch: 1', ['profile-inputs: no profile has an input nosuch']],
    ['min: 1', []], // it is a word of the profile
    ['', []]
  ])('%j is told', (text, sentences) => expect(told(text)).toEqual(sentences))

  test.each([
    ['an archive', [one, whole('package.json')]],
    ['a dependency', [whole(profile('', { metadata: 'name: x\ndepends:\n  - name: y\n' }))]]
  ])('is not known of %s', (_what, profiles) => expect(told('nosuch: 1', profiles)).toEqual([]))
})
