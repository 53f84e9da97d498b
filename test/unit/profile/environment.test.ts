import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { variablesRead } from '../../../src/profile/environment.ts'

let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'kscan-profile-'))
  mkdirSync(join(root, 'p', 'controls', 'deep'), { recursive: true })
  writeFileSync(join(root, 'p', 'inspec.yml'), "name: p\n<% if ENV['BASELINE'] == 'High' %>x: 1<% end %>\n")
  writeFileSync(join(root, 'p', 'controls', 'deep', 'a.rb'), 'a = ENV[ "LEVEL" ]\nb = ENV.fetch("SITE", "x") + ENV.fetch(\'SITE\')\nMY_ENV["NO"]\nENV[name]\n')
  writeFileSync(join(root, 'p', 'README.md'), "ENV['NOT_CODE']\n")
  writeFileSync(join(root, 'p.tgz'), "ENV['NOT_SEEN']")
})
afterAll(() => rmSync(root, { recursive: true }))

test('variables that a profile reads by name are found in its metadata and code', () => {
  expect([...variablesRead(join(root, 'p'))].toSorted()).toEqual(['BASELINE', 'LEVEL', 'SITE'])
  expect([...variablesRead(join(root, 'p', 'controls', 'deep', 'a.rb'))]).toEqual(['LEVEL', 'SITE'])
  expect([...variablesRead(join(root, 'p.tgz'))]).toEqual([])
})
