import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { systemClock } from '../../../src/kernel/clock.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import { demandEachOnce, fetchProfile, type Profile, profileProblems } from '../../../src/profile/fetch.ts'
import type { ProfileSource } from '../../../src/profile/source.ts'

let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'kscan-profiles-'))
  for (const name of ['one', 'two']) {
    mkdirSync(join(root, name, 'controls'), { recursive: true })
    writeFileSync(join(root, name, 'inspec.yml'), `name: ${name}\n`)
  }
  cpSync(join(root, 'one'), join(root, 'copy'), { recursive: true })
  symlinkSync('one', join(root, 'link'))
  for (const name of ['a.tgz', 'copy.tgz']) writeFileSync(join(root, name), 'an archive')
  writeFileSync(join(root, 'b.tgz'), 'another')
  for (const name of ['x.rb', 'y.rb']) writeFileSync(join(root, name), "describe file('/') { it { should exist } }\n")
})
afterAll(() => rmSync(root, { recursive: true }))

const path = (name: string): ProfileSource => ({ kind: 'path', path: `${root}/${name}` })
const archive = (name: string, content = 'an archive'): ProfileSource => ({
  kind: 'archive',
  path: join(root, name),
  sha256: createHash('sha256').update(content).digest('hex')
})
const git = (url: string, digit = 'a'): ProfileSource => ({ kind: 'git', url: `https://git.test/${url}`, commit: digit.repeat(40) })

test.each<[string, () => ProfileSource[]]>([
  ['one spelling of a path', () => [path('one'), path('one')]],
  ['two spellings of a path', () => [path('one'), path('./two/..//one/')]],
  ['a path from here and one from the root', () => [path('one'), { kind: 'path', path: relative(process.cwd(), join(root, 'one')) }]],
  ['a link to a folder and the folder', () => [path('one'), path('link')]],
  ['a copy', () => [path('one'), path('two'), path('copy')]],
  ['one archive', () => [archive('a.tgz'), archive('a.tgz')]],
  ['an archive and its copy', () => [archive('a.tgz'), archive('copy.tgz')]],
  ['one file and its copy', () => [path('x.rb'), path('y.rb')]],
  ['one commit', () => [git('p'), git('p')]],
  ['one commit by two addresses', () => [git('p'), git('p.git')]]
])('a profile that is named twice, by %s, is a problem', (_, sources) => {
  expect(profileProblems(sources())).toEqual([{ name: 'profile', expected: 'each profile once', got: expect.stringMatching(/^the same one as .* and /) }])
})

test('each that is named twice is a problem of its own, beside those of profiles that are none', () => {
  const problems = profileProblems([path('one'), path('link'), archive('a.tgz'), archive('copy.tgz'), path('nothing')])
  expect(problems.map(({ expected }) => expected)).toEqual(['a folder with inspec.yml, or a .rb file', 'each profile once', 'each profile once'])
})

test('different profiles are none', () => {
  expect(profileProblems([path('one'), path('two'), path('x.rb'), archive('a.tgz'), archive('b.tgz', 'another'), git('p'), git('p', 'b')])).toEqual([])
})

test('what only its content shows once it was fetched is refused then', () => {
  const profile = { source: 'git+https://git.test/p@a', path: '/p', sha256: 'ff' }
  expect(() => demandEachOnce([profile, { ...profile, source: './p' }])).toThrow('An input is not usable')
  expect(() => demandEachOnce([profile, { ...profile, source: './p', sha256: 'ee' }])).not.toThrow()
})

describe('the digest of a folder', () => {
  const folder = (): string => join(root, 'digest')
  const digest = async (): Promise<string> => {
    const profile = await fetchProfile(path('digest'), { folder: root, env: {}, gitToken: undefined, signal: new AbortController().signal })
    return profile.sha256
  }
  beforeEach(() => {
    rmSync(folder(), { recursive: true, force: true })
    cpSync(join(root, 'one'), folder(), { recursive: true })
    writeFileSync(join(folder(), 'controls', 'a.rb'), 'a')
    symlinkSync('a.rb', join(folder(), 'controls', 'b.rb'))
  })

  test.each<[string, () => void]>([
    ['what a file holds', () => writeFileSync(join(folder(), 'controls', 'a.rb'), 'b')],
    ['the name of a file', () => cpSync(join(folder(), 'controls', 'a.rb'), join(folder(), 'controls', 'c.rb'))],
    [
      'where a link leads',
      () => {
        rmSync(join(folder(), 'controls', 'b.rb'))
        symlinkSync('../inspec.yml', join(folder(), 'controls', 'b.rb'))
      }
    ],
    ['a file whose name begins like that of the folder of git', () => writeFileSync(join(folder(), '.gitignore'), '')]
  ])('is another by %s', async (_what, change) => {
    const before = await digest()
    change()
    expect(await digest()).not.toBe(before)
  })

  test('is the same with the folder of git, whatever is in it', async () => {
    const before = await digest()
    mkdirSync(join(folder(), '.git'))
    writeFileSync(join(folder(), '.git', 'index'), 'x')
    expect(await digest()).toBe(before)
  })
})

describe('a profile that git fetches', () => {
  const TOKEN = 'a-token-of-a-private-repository'
  const COMMIT = 'c'.repeat(40)
  const asked = (): string => readFileSync(join(root, 'asked'), 'utf8')

  /** By a git that notes what it is given, and then does what is told for each of its commands. */
  const fetched = async (commands: Readonly<Record<string, string>>, signal = new AbortController().signal): Promise<Profile> => {
    const folder = mkdtempSync(join(root, 'run-'))
    const cases = Object.entries(commands).map(([command, code]) => `${command}) ${code};;`)
    const program = `#!/bin/sh\n{ echo "$*"; env; } >>'${root}/asked'\ncase $1 in ${cases.join(' ')} esac\n`
    writeFileSync(join(folder, 'git'), program, { mode: 0o700 })
    const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}` }
    const source = { kind: 'git', url: 'https://git.test:8443/team/p.git', commit: COMMIT } as const
    return await fetchProfile(source, { folder, env, gitToken: { secret: new Secret(TOKEN), host: 'git.test:8443' }, signal })
  }
  const WHOLE = { checkout: "echo 'name: p' >inspec.yml" }
  beforeEach(() => rmSync(join(root, 'asked'), { force: true }))

  test('is one commit, named by its address, with the digest of what came', async () => {
    expect(await fetched(WHOLE)).toMatchObject({ source: `git+https://git.test:8443/team/p.git@${COMMIT}`, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(asked().match(/^(?:init|fetch|checkout) .*/gm)).toEqual([
      'init --quiet',
      `fetch --quiet --depth=1 --no-tags -- https://git.test:8443/team/p.git ${COMMIT}`,
      `checkout --quiet --detach ${COMMIT}`
    ])
  })

  test('has its token in a file of the run alone, by no argument and no variable, and asks nobody for another', async () => {
    await fetched({ ...WHOLE, fetch: 'cat "$HOME/.git-credentials"; stat -c %a "$HOME/.git-credentials" >>"$HOME/../asked"' })
    expect(asked()).toContain('\n600\n')
    expect(asked()).toContain('GIT_TERMINAL_PROMPT=0\n')
    const forms = [TOKEN, Buffer.from(`x-access-token:${TOKEN}`).toString('base64')]
    expect(forms.filter((form) => asked().includes(form))).toEqual([])
  })

  test.each(['init', 'fetch', 'checkout'])('that %s refuses is told in its words', async (command) => {
    const refused = fetched({ ...WHOLE, [command]: 'echo "not our ref" >&2; exit 128' })
    await expect(refused).rejects.toMatchObject({ code: 'PROFILE_FAILED', message: expect.stringMatching(new RegExp(`git ${command}: not our ref$`)) })
  })

  test('when the run is interrupted ends with the reason of that', async () => {
    const interrupt = new AbortController()
    const ended = fetched({ ...WHOLE, fetch: 'exec sleep 600' }, interrupt.signal)
    while (!existsSync(join(root, 'asked')) || !asked().includes('fetch')) await systemClock.sleep(20)
    interrupt.abort(new Error('interrupted'))
    await expect(ended).rejects.toThrow('interrupted')
  })
})
