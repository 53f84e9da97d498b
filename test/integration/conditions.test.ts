import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { type ApiServer, startApiServer } from '../support/api-server/server.ts'
import { audited } from '../support/audited.ts'
import { type Ran, startCommandLine } from '../support/command-line.ts'
import { Folder } from '../support/kubeconfig.ts'

/** The first scan on a machine fetches the auditor. */
jest.setTimeout(120_000)

let server: ApiServer
let folder: Folder
beforeAll(async () => {
  server = await startApiServer()
  folder = new Folder()
  folder.file('kubeconfig', server.kubeconfig())
  server.addPod({ namespace: 'shop', name: 'web' })
})
afterAll(async () => {
  folder.remove()
  await server.close()
})

/** What the checklist of the last scan says of a control. */
const reviewed = (id: string): unknown => {
  const cklb = resolve(folder.path, 'kscan-reports/cklb')
  const [name = ''] = readdirSync(cklb)
  const { stigs } = JSON.parse(readFileSync(resolve(cklb, name), 'utf8')) as { stigs: { rules: { group_id: string; status: string }[] }[] }
  return stigs.flatMap(({ rules }) => rules).find((rule) => rule.group_id === id)?.status
}

const scan = (profile: string, ...more: readonly string[]): Promise<Ran> => {
  const args = [
    '--namespace',
    'shop',
    '--pod',
    'web',
    '--auditor',
    'gems',
    '--reports',
    'hdf,run.json,cklb',
    '--profile',
    resolve('test/fixtures/profiles', profile)
  ]
  return startCommandLine(['scan', ...args, ...more], { folder: folder.path, env: { KUBECONFIG: `${folder.path}/kubeconfig` } }).ended
}

describe('what a control asks after a condition that is not met', () => {
  test('is no ground of it, but the condition is, and what may have led to it', async () => {
    const controls = audited(await scan('conditions'))
    expect(controls).toHaveLength(28)
    const { true: nameless = [], false: titled = [] } = Object.groupBy(controls, ({ title }) => String(title === ''))
    expect(titled.map(({ id, outcome }) => `${id}: ${outcome}`)).toEqual(titled.map(({ id, title }) => `${id}: ${title}`))
    expect(nameless.map(({ outcome }) => outcome)).toEqual(['skipped'])
    expect([reviewed('only_if with an impact of 0'), reviewed('condition met')]).toEqual(['not_applicable', 'not_reviewed'])
  })

  test('counts where a profile around it lets the checks run all the same', async () => {
    const controls = audited(await scan('conditions-over'))
    const outcomes = Object.fromEntries(controls.map(({ id, outcome }) => [id, outcome]))
    expect(outcomes).toMatchObject({
      'only_if with an impact of 0': 'unjudged',
      'only_if without impact': 'no_impact',
      'only_if with a message, in the middle': 'skipped',
      'after the condition of the file': 'unjudged',
      'before a later condition that sets the impact to 0': 'unjudged'
    })
  })
})
