import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type LocalAudit, localAudit } from '../support/local-audit.ts'
import { writtenProfile } from '../support/written-profile.ts'

/** The first audit on a machine fetches the auditor. */
const FETCH_MS = 120_000

const folder = mkdtempSync(join(tmpdir(), 'lost-'))
afterAll(() => rmSync(folder, { recursive: true }))

const asking = (name: string): string => `(begin; inspec.command('sleep 60; echo ${name}', timeout: 1).stdout; rescue StandardError; ''; end)`
/** Controls whose own code makes nothing of an answer that did not come, and passes. */
const CONTROLS = `control 'at-load' do
  said = ${asking('at-load')}
  describe(said) { it { should eq '' } }
end
control 'in-a-check' do
  describe('x') { it { expect(${asking('in-a-check')}).to eq '' } }
end
control 'beside' do
  describe('x') { it { should eq 'x' } }
end
`

let audit: LocalAudit
beforeAll(async () => {
  writtenProfile(folder, {}, { 'controls/all.rb': CONTROLS })
  audit = await localAudit([folder])
}, FETCH_MS)

test.each(['at-load', 'in-a-check'])('an answer that did not come is a lack of the control that asked, though it passes: %s', (id) => {
  const lacks = audit.lacks.filter(({ command }) => command.endsWith(`echo ${id}`))
  expect(lacks.map(({ controls, all, reason }) => [[...controls], all, reason.cause, reason.lost])).toEqual([[[id], false, 'lost', true]])
})

test('all of them passed by themselves', () => {
  const { profiles } = JSON.parse(audit.raw.toString()) as { profiles: { controls: { id: string; results: { status: string }[] }[] }[] }
  expect(profiles.flatMap(({ controls }) => controls.map(({ id, results }) => `${id} ${results[0]?.status}`)).toSorted()).toEqual([
    'at-load passed',
    'beside passed',
    'in-a-check passed'
  ])
})
