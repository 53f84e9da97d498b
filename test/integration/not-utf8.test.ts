import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Control, Results, Status } from '../../src/hdf/model.ts'
import { parseResults } from '../../src/hdf/parse.ts'
import { localAudit } from '../support/local-audit.ts'
import { writtenProfile } from '../support/written-profile.ts'

/** The first audit on a machine fetches the auditor. */
const FETCH_MS = 120_000

const folder = mkdtempSync(join(tmpdir(), 'not-utf8-'))
afterAll(() => rmSync(folder, { recursive: true }))

const put = (name: string, latin1: string): string => {
  const path = join(folder, name)
  writeFileSync(path, latin1, 'latin1')
  return path
}
const ini = put('a.ini', 'name=caf\xe9\n')
const output = `command('cat ${ini}').stdout`
const fine = "describe('a') { it { should eq 'a' } }"
const read = (resource: string, name: string, text: string): string => `describe(${resource}('${put(name, text)}')) { its('name') { should eq 'x' } }`

/** What a text that is not UTF-8 goes through, and what must come of the control. */
const WAYS: readonly (readonly [string, string, Status])[] = [
  ['json', read('json', 'a.json', '{"name": caf\xe9}'), 'error'],
  ['yaml', read('yaml', 'a.yml', 'name: caf\xe9'), 'error'],
  ['xml', read('xml', 'a.xml', '<name>caf\xe9</name>'), 'error'],
  ['toml', read('toml', 'a.toml', 'name = "caf\xe9"'), 'error'],
  ['csv', read('csv', 'a.csv', 'name,b\ncaf\xe9,2\n'), 'error'],
  ['ini', read('ini', 'b.ini', 'name=caf\xe9\n'), 'error'],
  ['config', read('parse_config_file', 'a.conf', 'name=caf\xe9\n'), 'error'],
  ['sshd', read('sshd_config', 'sshd', 'name caf\xe9\n'), 'error'],
  ['passwd', `describe(passwd('${put('passwd', 'caf\xe9:x:0:0::/:/bin/sh\n')}')) { its('users') { should include 'x' } }`, 'error'],
  ['stdout', `describe(command('cat ${ini}')) { its('stdout') { should eq 'x' } }`, 'failed'],
  ['stderr', `describe(command('cat ${ini} >&2')) { its('stderr') { should eq '' } }`, 'failed'],
  ['stdout-passes', `describe(command('cat ${ini}')) { its('stdout') { should include 'name' } }`, 'passed'],
  ['content', `describe(file('${ini}')) { its('content') { should eq 'x' } }`, 'failed'],
  ['pattern', `describe(file('${ini}')) { its('content') { should match(/x/) } }`, 'error'],
  ['user', 'describe(user("caf\\xe9")) { it { should exist } }', 'error'],
  ['package', 'describe(package("caf\\xe9")) { it { should be_installed } }', 'error'],
  ['service', 'describe(service("caf\\xe9")) { it { should be_running } }', 'error'],
  ['path', 'describe(file("/caf\\xe9")) { it { should exist } }', 'error'],
  ['subject', `describe(${output}) { it { should eq 'x' } }`, 'error'],
  ['check', `describe('a') { it(${output}) { expect(1).to eq 1 } }`, 'error'],
  ['failing-check', `describe('a') { it(${output}) { expect(1).to eq 2 } }`, 'failed'],
  ['skip', `describe('a') { skip ${output} }`, 'error'],
  ['only-if', `only_if("caf\\xe9") { false }\n${fine}`, 'error'],
  ['title', `title ${output}\n${fine}`, 'error'],
  ['desc', `desc ${output}\n${fine}`, 'error'],
  ['desc-of-check', `desc 'check', ${output}\n${fine}`, 'error'],
  ['tag', `tag x: ${output}\n${fine}`, 'error'],
  ['tag-name', `tag ${output} => 'x'\n${fine}`, 'error'],
  ['tag-list', `tag x: ['y', { z: ${output} }]\n${fine}`, 'error'],
  ['ref', `ref 'x', url: ${output}\n${fine}`, 'error'],
  ['id-caf\\xe9', fine, 'error'],
  ['raised', `describe('a') { it { raise inspec.${output} } }`, 'error'],
  ['raised-at-load', `raise ${output}`, 'error'],
  ['binary', 'describe("caf\\xe9".b) { it { should_not eq "a" } }', 'error'],
  ['comment', `# caf\xe9\n${fine}`, 'passed'],
  ['other-encoding', `describe("caf\\xe9".dup.force_encoding('ISO-8859-1')) { it { should_not eq 'a' } }`, 'passed'],
  ['other-language', `describe("caf\\u00e9") { it { should_not eq 'a' } }`, 'passed'],
  ['no-number', `tag x: 0.0 / 0\n${fine}`, 'error'],
  ['no-name', `o = Object.new\ndef o.to_s; raise 'no name'; end\ndescribe(o) { it { should eq 'a' } }`, 'error'],
  ['name-lost', `o = Object.new\ndef o.to_s; caller.grep(/format_example/).empty? ? 'x' : raise('no name'); end\ndescribe(o) { skip 'x' }`, 'error'],
  ['beside', "describe(file('/etc/passwd')) { it { should exist } }", 'passed']
]

describe('a text that is not UTF-8', () => {
  let results: Results
  beforeAll(async () => {
    const profile = writtenProfile(join(folder, 'profile'), Object.fromEntries(WAYS))
    results = parseResults((await localAudit([profile])).raw, 'of this machine')
  }, FETCH_MS)

  const control = (id: string): Control | undefined => results.controls.find((each) => each.id === id)

  test.each(WAYS)('by %s', (id, _code, status) => {
    expect(control(id.replace('\\xe9', '\\xE9'))?.status).toBe(status)
  })

  test('is no reason to lose a control', () => {
    expect(results.controls.map(({ id }) => id).toSorted()).toEqual(WAYS.map(([id]) => id.replace('\\xe9', '\\xE9')).toSorted())
  })

  test('is shown with escapes', () => {
    expect(control('json')?.checks.map(({ message }) => message)).toEqual([expect.stringContaining('caf\\xE9')])
    expect(control('check')?.checks).toEqual([expect.objectContaining({ description: 'a name=caf\\xE9\n', message: expect.stringContaining('UTF-8') })])
    expect(control('tag')?.tags).toEqual({ x: 'name=caf\\xE9\n' })
    expect(control('other-encoding')?.checks).toEqual([expect.objectContaining({ description: expect.stringContaining('café') })])
  })
})
