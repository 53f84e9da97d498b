import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type ApiServer, startApiServer } from '../support/api-server/server.ts'
import { type Ran, startCommandLine } from '../support/command-line.ts'
import { Folder } from '../support/kubeconfig.ts'
import { localAudit } from '../support/local-audit.ts'
import { writtenProfile } from '../support/written-profile.ts'

/** The first audit on a machine fetches the auditor. */
const FETCH_MS = 120_000

let server: ApiServer
let folder: Folder
beforeAll(async () => {
  server = await startApiServer()
  folder = new Folder()
  server.addPod({ namespace: 'shop', name: 'web' })
  const impact = (id: string): string => `impact 0.5\ndescribe('${id}') { it { should eq '${id}' } }`
  mkdirSync(join(folder.path, 'over'))
  writtenProfile(join(folder.path, 'base'), { 'V-1': impact('V-1'), 'V-2': impact('V-2') }, { 'inspec.yml': 'name: base\nversion: 1.0.0\n' })
})
afterAll(async () => {
  folder.remove()
  await server.close()
})

/** An overlay whose inputs depend on the environment, as baselines for several levels have it. */
const OVERLAY = `name: over
version: 1.0.0
depends: [{ name: base, path: ../base }]
inputs:
  - name: not_applicable
    type: Array
    <% if ENV['BASELINE'] == 'High' %>
    value: []
    <% else %>
    value: ["V-1"]
    <% end %>
`
const CONTROLS = "listed = input('not_applicable')\ninclude_controls('base') { listed.each { |id| control(id) { impact 0.0 } } }\n"

const profile = (name: string, metadata: string): string =>
  writtenProfile(join(folder.path, name), {}, { 'inspec.yml': metadata, 'controls/all.rb': name === 'over' ? CONTROLS : '' })

const scan = (path: string, env: Readonly<Record<string, string>> = {}, more: readonly string[] = []): Promise<Ran> => {
  const args = ['scan', '--namespace', 'shop', '--pod', 'web', '--profile', path, '--auditor', 'gems', ...more]
  return startCommandLine(args, { folder: folder.path, env: { KUBECONFIG: folder.file('kubeconfig', server.kubeconfig()), ...env } }).ended
}

/** What was made: nothing, where a profile is known to be wrong before any right exists. */
const changes = (from: number): string[] =>
  server.requests.slice(from).flatMap(({ method, path }) => (method === 'GET' || path.includes('accessreviews') ? [] : [`${method} ${path}`]))

type Impacts = readonly (readonly [string, readonly (readonly [string, number])[]])[]
const impactsIn = (hdf: Buffer): Impacts => {
  const { profiles } = JSON.parse(hdf.toString('utf8')) as { profiles: { name: string; controls: { id: string; impact: number }[] }[] }
  return profiles.map(({ name, controls }) => [name, controls.map(({ id, impact }) => [id, impact] as const)] as const)
}

test.each(['controls/b.rb', 'libraries/b.rb'])(
  'a fault in what is included (%s) stops the auditor, whether or not it is asked for, and is known before any right exists',
  async (file) => {
    writtenProfile(join(folder.path, 'faulty'), {}, { 'inspec.yml': 'name: faulty\nversion: 1.0.0\n', [file]: 'if\n' })
    const metadata = 'name: over\ndepends: [{ name: faulty, path: ../faulty }]\n'
    const path = writtenProfile(join(folder.path, 'over-faulty'), { a: "describe('a') { it { should eq 'a' } }" }, { 'inspec.yml': metadata })
    const before = server.requests.length
    const ran = await scan(path)
    expect([ran.code, ran.stderr, changes(before)]).toEqual([
      3,
      expect.stringContaining(`The profile over > faulty did not load: syntax error in ${file}:1`),
      []
    ])
    for (const name of ['faulty', 'over-faulty']) rmSync(join(folder.path, name), { recursive: true })
  },
  FETCH_MS
)

describe('an inspec.yml that is a template', () => {
  test(
    'is read as the auditor reads it, which gets nothing of the environment of the job',
    async () => {
      const path = profile('over', OVERLAY)
      const ran = await scan(path, { BASELINE: 'High' })
      const alone = impactsIn((await localAudit([path])).raw)
      expect([ran.code, impactsIn(readFileSync(join(folder.path, 'kscan-reports', 'hdf', 'shop_web_main.json')))]).toEqual([0, alone])
      expect(Object.fromEntries(alone)['over']).toEqual([
        ['V-1', 0],
        ['V-2', 0.5]
      ])
    },
    FETCH_MS
  )

  test(
    'sees the variables that are named for it; one that it does not get is told',
    async () => {
      const path = profile('over', OVERLAY)
      const without = await scan(path, { BASELINE: 'High' })
      expect(without.stderr).toContain(`the profile ${path} reads BASELINE of the environment, and does not get it`)
      const ran = await scan(path, { BASELINE: 'High' }, ['--profile-env', 'BASELINE'])
      const impacts = impactsIn(readFileSync(join(folder.path, 'kscan-reports', 'hdf', 'shop_web_main.json')))
      expect([ran.code, Object.fromEntries(impacts)['over']]).toEqual([
        0,
        [
          ['V-1', 0.5],
          ['V-2', 0.5]
        ]
      ])
      expect(ran.stderr).not.toContain('of the environment')
    },
    FETCH_MS
  )

  test.each([
    ['whose code breaks', 'name: a\nx: <%= nosuch %>\n', 3, 'The profile a did not load: its inspec.yml: NameError: undefined local variable'],
    [
      'that gives no YAML',
      "name: a\nx: <%= 'a: b: c' %>\n",
      3,
      'The profile a did not load: its inspec.yml: Psych::SyntaxError: (inspec.yml): mapping values are not allowed in this context at line 2 column 5'
    ],
    [
      'that makes a required input',
      "name: a\ninputs:\n  - name: level\n    <%= 'required' %>: true\n",
      2,
      'profile-inputs: expected a value for level, which the profile a requires'
    ],
    ['that makes an inspec_version', "name: a\ninspec_version: '<%= '>= 9' %>'\n", 2, 'a, whose inspec_version is >= 9'],
    [
      'that makes a dependency',
      'name: a\ndepends:\n<%= "  - { name: base, path: ../base }" %>\n',
      2,
      'a template in the inspec.yml of a that makes no dependencies; got name: base, path: ../base'
    ],
    ['that is none, and no YAML', 'name: a\nx: a: b: c\n', 2, 'a profile with a readable inspec.yml'],
    ['that is none, and nameless', 'x: a\n', 2, 'an inspec.yml that names the profile']
  ])(
    '%s',
    async (_what, metadata, code, message) => {
      const before = server.requests.length
      const ran = await scan(profile('broken', metadata))
      expect([ran.code, ran.stderr]).toEqual([code, expect.stringContaining(message)])
      expect(changes(before)).toEqual([])
    },
    FETCH_MS
  )
})
