import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { systemClock } from '../../../src/kernel/clock.ts'
import type { ProfileChoice } from '../../../src/config/config.ts'
import { FETCHING } from '../../../src/kernel/fetching.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import { readyProfiles } from '../../../src/scan/profiles.ts'

const root = mkdtempSync(join(tmpdir(), 'kscan-ready-'))
afterAll(() => rmSync(root, { recursive: true }))

/** Which addresses were fetched with the token at hand, by a git that notes it. */
const withToken = async (hosts: readonly string[], gitTokenHost?: string, more: readonly ProfileChoice[] = []): Promise<string[]> => {
  const folder = mkdtempSync(join(root, 'run-'))
  const git = `#!/bin/sh\ncase $1 in fetch) test -e "$HOME/.git-credentials" && echo "$6" >>'${folder}/sent';; checkout) echo "name: p$4" >inspec.yml;; esac; true\n`
  writeFileSync(join(folder, 'git'), git, { mode: 0o700 })
  writeFileSync(join(folder, 'sent'), '')
  const host = {
    log: silentLog,
    env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
    mask: () => {},
    secrets: () => [],
    phase: <T>(_title: string, work: () => Promise<T>) => work(),
    progress: () => {},
    remember: () => {},
    journalFolder: folder,
    toolFolder: folder,
    tempFolder: folder,
    workspace: folder,
    owner: 'me'
  }
  const profiles = hosts.map((each, index) => ({ kind: 'git', url: `https://${each}/p`, commit: String(index).repeat(40) }) as const)
  const ports = { host, clock: systemClock, signal: new AbortController().signal, version: '0', plugin: folder }
  const places = { kubeconfig: '', reportsPath: folder, isolation: 'none', allowUnpinned: false, fetching: FETCHING } as const
  await readyProfiles(
    {
      profiles: [...profiles, ...more],
      gitToken: new Secret('a-token-of-git'),
      gitTokenHost,
      profileEnv: {},
      controls: [],
      profileInputs: '',
      profileInputFiles: [],
      ...places
    },
    { own: { folder }, ports }
  )
  return readFileSync(join(folder, 'sent'), 'utf8').split('\n').slice(0, -1)
}

test.each<[string, readonly string[], string | undefined, readonly string[]]>([
  ['of the first profile', ['a.test', 'b.test', 'a.test:8443'], undefined, ['a.test']],
  ['of the first profile, for all of its profiles', ['a.test', 'b.test', 'A.test'], undefined, ['a.test', 'A.test']],
  ['that is named', ['a.test', 'b.test'], 'b.test', ['b.test']],
  ['that is named, and no other where nothing comes from there', ['a.test', 'b.test'], 'c.test', []]
])('a token of git goes to the host %s', async (_what, hosts, named, expected) => {
  expect(await withToken(hosts, named)).toEqual(expected.map((host) => `https://${host}/p`))
})

test('a profile of the catalog whose files are not those that it names is refused', async () => {
  await expect(withToken([], undefined, [{ kind: 'catalog', name: 'ssh-baseline' }])).rejects.toMatchObject({
    code: 'BAD_INPUT',
    problems: [{ expected: expect.stringMatching(/^catalog\/ssh-baseline with SHA-256 [0-9a-f]{64}$/), hint: expect.stringContaining('nothing of it was run') }]
  })
})
