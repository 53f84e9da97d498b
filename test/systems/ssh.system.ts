import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { systemClock } from '../../src/kernel/clock.ts'
import { fetchProfile, type Fetched } from '../../src/profile/fetch.ts'
import { digestOf } from '../../src/profile/digest.ts'
import { filesBelow } from '../../src/profile/walk.ts'
import { profileFiles, Repositories } from '../support/profile-repository.ts'
import { type SshServer, startSshServer } from '../support/ssh-server.ts'

describe('a profile that a real ssh server has', () => {
  let server: SshServer
  let root = ''
  let run = ''
  let commit = ''
  const repositories = new Repositories()
  beforeAll(async () => {
    server = await startSshServer()
    root = mkdtempSync(join(tmpdir(), 'kscan-ssh-'))
    const more = repositories.commit('more', { 'more.rb': '# more\n' })
    const url = `ssh://${server.user}@127.0.0.1:${server.port}${repositories.root}/more/.git`
    commit = repositories.commit('p', profileFiles('p'), { 'libraries/more': { url, commit: more } })
  })
  beforeEach(() => {
    run = mkdtempSync(join(root, 'run-'))
  })
  afterAll(async () => {
    await server.close()
    repositories.remove()
    rmSync(root, { recursive: true })
  })

  const fetched = async (sshEnv: Readonly<Record<string, string>> = {}, user = server.user): Promise<Fetched> => {
    const folder = join(run, 'profiles')
    mkdirSync(folder)
    const url = `ssh://${user}@127.0.0.1:${server.port}${repositories.root}/p/.git`
    const env = { PATH: process.env['PATH'] ?? '' }
    const ports = { folder, env, sshEnv: { HOME: server.home, ...sshEnv }, gitToken: undefined, signal: new AbortController().signal }
    return await fetchProfile({ kind: 'git', url, commit }, ports)
  }

  test('comes with its submodule, by the key of the caller, and leaves no pipe', async () => {
    const profile = await fetched()
    expect(profile.source).toBe(`git+ssh://${server.user}@127.0.0.1:${server.port}${repositories.root}/p/.git@${commit}`)
    expect(
      filesBelow(profile.path)
        .map(({ name }) => name)
        .toSorted()
    ).toEqual(['.gitmodules', 'controls/all.rb', 'inspec.yml', 'libraries/more/more.rb'])
    expect([profile.sha256, readdirSync(join(run, 'profiles')).filter((name) => !name.startsWith('profile-'))]).toEqual([
      digestOf(filesBelow(profile.path)),
      []
    ])
  })

  test('comes by a key that the agent alone has', async () => {
    const home = mkdtempSync(join(root, 'home-'))
    mkdirSync(join(home, '.ssh'))
    writeFileSync(join(home, '.ssh', 'known_hosts'), readFileSync(join(server.home, '.ssh', 'known_hosts')))
    const socket = join(root, 'agent')
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' })
    for (let look = 0; look < 100 && !existsSync(socket); look += 1) await systemClock.sleep(50)
    execFileSync('ssh-add', ['-q', join(server.home, '.ssh', 'id_ed25519')], { env: { ...process.env, SSH_AUTH_SOCK: socket } })
    expect((await fetched({ HOME: home, SSH_AUTH_SOCK: socket })).sha256).toMatch(/^[0-9a-f]{64}$/)
    agent.kill()
    await once(agent, 'exit')
  })

  test('does not come from a host that is not known, whose key is not taken over either', async () => {
    const home = mkdtempSync(join(root, 'home-'))
    mkdirSync(join(home, '.ssh'))
    writeFileSync(join(home, '.ssh', 'known_hosts'), '')
    writeFileSync(join(home, '.ssh', 'id_ed25519'), readFileSync(join(server.home, '.ssh', 'id_ed25519')), { mode: 0o600 })
    await expect(fetched({ HOME: home })).rejects.toMatchObject({
      code: 'PROFILE_FAILED',
      message: expect.stringContaining('Host key verification failed'),
      hint: expect.stringContaining('known_hosts')
    })
    expect(readFileSync(join(home, '.ssh', 'known_hosts'), 'utf8')).toBe('')
  })

  test('does not come without a key, and nobody is asked for a password', async () => {
    const home = mkdtempSync(join(root, 'home-'))
    mkdirSync(join(home, '.ssh'))
    writeFileSync(join(home, '.ssh', 'known_hosts'), readFileSync(join(server.home, '.ssh', 'known_hosts')))
    await expect(fetched({ HOME: home })).rejects.toMatchObject({ code: 'PROFILE_FAILED', message: expect.stringContaining('Permission denied') })
  })
})
