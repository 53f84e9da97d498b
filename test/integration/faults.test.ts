import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Results } from '../../src/hdf/model.ts'
import { parseResults } from '../../src/hdf/parse.ts'
import { localAudit } from '../support/local-audit.ts'
import { writtenProfile } from '../support/written-profile.ts'

/** The first audit on a machine fetches the auditor. */
const FETCH_MS = 120_000

const folder = mkdtempSync(join(tmpdir(), 'faults-'))
afterAll(() => rmSync(folder, { recursive: true }))

const CUSTOM = `class Broken < Inspec.resource(1)
  name 'broken'
  def value = nil.size
end
class BrokenAtOnce < Inspec.resource(1)
  name 'broken_at_once'
  def initialize = nil.size
end
`
const RESOURCE = (name: string): string => `an error in InSpec's resource ${name}, not a finding in the container: `
const OWN = "an error in the profile's own code, not a finding in the container: "
const LOADING = "an error in the control's own code, or in a resource that it uses, not a finding in the container: "

/** A check, its status, and how its message begins: empty where it is the container's. */
const CHECKS: readonly (readonly [string, string, string, string])[] = [
  ['http without an answer', "describe(http('http://127.0.0.1:1')) { its('headers.Server') { should eq 'x' } }", 'error', RESOURCE('http')],
  ['host without an address', "describe(host('nowhere.invalid')) { its('ipv4_address') { should include 'x' } }", 'error', RESOURCE('host')],
  ['setuid of no file', "describe(file('/nowhere')) { it { should be_setuid } }", 'error', RESOURCE('file')],
  ['mysql_conf of no file', "describe(mysql_conf('/nowhere').params('a')) { its('b') { should eq 'x' } }", 'error', RESOURCE('mysql_conf')],
  ['xml of no file, read at load', "value = xml('/nowhere')['a']\ndescribe(value) { it { should eq [] } }", 'error', LOADING],
  ['http headers at load', "describe(http('http://127.0.0.1:1').headers) { its('x') { should eq 1 } }", 'error', LOADING],
  ['a resource for Windows', "describe(registry_key('x')) { its('y') { should eq 1 } }", 'error', LOADING],
  ['no such property', "describe(user('root')) { its('last_login') { should eq 1 } }", 'error', OWN],
  ['no such method', "describe('a') { it { expect(nil.size).to eq 1 } }", 'error', OWN],
  ['no such method at load', 'nil.size', 'error', LOADING],
  ['a pattern on bytes', 'describe("\\xe9") { it { should match(/x/) } }', 'error', ''],
  ['a custom resource', "describe(broken) { its('value') { should eq 1 } }", 'error', OWN],
  [
    'a custom resource at once',
    'describe(broken_at_once) { it { should eq 1 } }',
    'skipped',
    'an error in a resource of InSpec, not a finding in the container: '
  ],
  ['a finding', "describe(file('/nowhere')) { it { should exist } }", 'failed', ''],
  ['a file that is not there', "describe(json('/nowhere')) { its('a') { should eq 1 } }", 'skipped', ''],
  ['a program that is not there', "describe(lxc('x')) { it { should exist } }", 'error', ''],
  ['no word on the host', 'describe(ssl) { it { should be_enabled } }', 'error', ''],
  ["the profile's own words", "describe('a') { it { raise 'the door is open' } }", 'error', ''],
  ["the profile's own words at load", "raise 'the door is open'", 'error', ''],
  ['a text that looks like it', "describe('undefined method') { it { should eq 'a' } }", 'failed', '']
]

describe('what went wrong', () => {
  let results: Results
  beforeAll(async () => {
    const controls = Object.fromEntries(CHECKS.map(([id, code]) => [id, code]))
    const profile = writtenProfile(join(folder, 'profile'), controls, { 'libraries/custom.rb': CUSTOM })
    results = parseResults((await localAudit([profile])).raw, 'of this machine')
  }, FETCH_MS)

  test.each(CHECKS)('by %s', (id, _code, status, begin) => {
    const [check] = results.controls.find((each) => each.id === id)?.checks ?? []
    const message = check?.message ?? ''
    expect([check?.status, /^an error in [^:]*: /.exec(message)?.[0] ?? '']).toEqual([status, begin])
  })
})
