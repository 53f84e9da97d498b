import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { type ApiServer, startApiServer } from '../support/api-server/server.ts'
import { audited } from '../support/audited.ts'
import { type Ran, startCommandLine } from '../support/command-line.ts'
import { Folder } from '../support/kubeconfig.ts'

/** The first scan on a machine fetches the auditor. */
jest.setTimeout(120_000)

let server: ApiServer
const made = new Folder()
beforeAll(async () => {
  server = await startApiServer()
  made.file('kubeconfig', server.kubeconfig())
  server.addPod({ namespace: 'shop', name: 'web' })
})
afterAll(async () => {
  made.remove()
  await server.close()
})

const scan = (folder: string, ...more: readonly string[]): Promise<Ran> => {
  const profile = resolve('test/fixtures/profiles/nameless-over')
  const args = ['--namespace', 'shop', '--pod', 'web', '--auditor', 'gems', '--reports', 'hdf,run.json', '--profile', profile]
  return startCommandLine(['scan', ...args, ...more], { folder: resolve(made.path, folder), env: { KUBECONFIG: resolve(made.path, 'kubeconfig') } }).ended
}

const FAILS = '(generated from nameless/controls/checks.rb:1 2)'

describe('checks outside of a control', () => {
  let first: Ran
  beforeAll(async () => {
    first = await scan('first')
  })

  test('are told by profile, file, line and their number there, and counted each', () => {
    const outcomes = audited(first).map(({ id, outcome }) => [id, outcome])
    expect(outcomes.toSorted()).toEqual([
      ['(generated from nameless-over/controls/checks.rb:1 1)', 'failed'],
      ['(generated from nameless-over/controls/checks.rb:3 1)', 'passed'],
      ['(generated from nameless/controls/checks.rb:1 1)', 'passed'],
      [FAILS, 'failed'],
      ['(generated from nameless/controls/checks.rb:11 1)', 'passed'],
      ['(generated from nameless/controls/checks.rb:3 1)', 'passed'],
      ['(generated from nameless/controls/checks.rb:3 2)', 'failed'],
      ['(generated from nameless/controls/checks.rb:7 1)', 'passed'],
      ['(generated from nameless/controls/sub/checks.rb:1 1)', 'passed'],
      ['(generated from nameless/controls/unseen.rb:4 1)', 'unjudged'],
      ['beside', 'unjudged'],
      ['named', 'passed']
    ])
  })

  test('are no worse in a second run', async () => {
    const baseline = ['--baseline-file', resolve(first.folder, 'kscan-reports/run.json'), '--max-unjudged', '2']
    const second = await scan('second', ...baseline)
    expect([second.code, second.stdout]).toEqual([0, expect.stringContaining('0 worse, 0 fixed, 3 still failing')])
    expect(audited(second)).toEqual(audited(first))
  })

  test('are chosen and waived by their ids', async () => {
    const waivers = made.file('waivers.yml', `${FAILS}:\n  justification: known\n  run: false\n  expiration_date: 2999-01-01\n`)
    const ran = await scan('chosen', '--controls', FAILS, '--waivers-file', waivers)
    const outcomes = audited(ran).map(({ id, outcome }) => [id, outcome])
    const always = '(generated from nameless-over/controls/checks.rb:3 1)' // InSpec leaves out nothing that stands in include_controls itself
    expect(outcomes.filter(([id]) => id !== always)).toEqual([[FAILS, 'no_impact']])
    expect(ran.stdout).toContain('1 waived')
  })
})
