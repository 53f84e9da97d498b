import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Engine, engineEnvironment, findEngine } from '../../../../src/cluster/kind/engine.ts'
import { roomOf } from '../../../../src/cluster/kind/plan.ts'
import { messageOf } from '../../../../src/kernel/error.ts'
import { Folder } from '../../../support/kubeconfig.ts'

let folder: Folder
beforeEach(() => {
  folder = new Folder()
  mkdirSync(join(folder.path, 'bin'))
})
afterEach(() => folder.remove())

const program = (name: string, script: string): void => {
  const file = join(folder.path, 'bin', name)
  writeFileSync(file, `#!/bin/sh\n${script}\n`)
  chmodSync(file, 0o755)
}
const says = (value: unknown): string => `case $1 in context) echo unix:///here.sock ;; info) echo '${JSON.stringify(value)}' ;; esac`
const find = (env: Readonly<Record<string, string>> = {}): Promise<Engine> =>
  findEngine({ env: { PATH: join(folder.path, 'bin'), ...env }, signal: new AbortController().signal })

const DOCKER = { ServerVersion: '28.1.0', Architecture: 'aarch64', CgroupVersion: '2', DockerRootDir: '/var/lib/docker', SecurityOptions: ['name=rootless'] }
const PODMAN = { version: { Version: '5.4.0' }, host: { arch: 'amd64', cgroupVersion: 'v2', security: { rootless: true } }, store: { graphRoot: '/store' } }

describe('the engine', () => {
  test('is Docker, where that answers', async () => {
    program('docker', says(DOCKER))
    program('podman', says(PODMAN))
    expect(await find()).toMatchObject({ name: 'docker', version: '28.1.0', arch: 'arm64', cgroup: '2', rootless: true, folder: '/var/lib/docker', endpoint: 'unix:///here.sock' }) // prettier-ignore
  })

  test('of the environment goes before that of the context in use', async () => {
    program('docker', says(DOCKER))
    expect((await find({ DOCKER_HOST: 'ssh://ann@build.example' })).endpoint).toBe('ssh://ann@build.example')
  })

  test.each([
    ['does not answer', 'echo "Cannot connect" >&2; exit 1'],
    ['says nothing of a server', says({ ServerErrors: ['Cannot connect'] })],
    ['is no Docker', 'echo podman']
  ])('is the next one where Docker %s', async (_what, script) => {
    program('docker', script)
    program('podman', says(PODMAN))
    expect(await find()).toMatchObject({ name: 'podman', version: '5.4.0', arch: 'amd64', cgroup: '2', rootless: true, folder: '/store', endpoint: '' })
  })

  test('is the one that was asked for', async () => {
    program('docker', says(DOCKER))
    program('nerdctl', says({ ServerVersion: 'v2.0.0', Architecture: 'x86_64', CgroupVersion: '1' }))
    expect(await find({ KIND_EXPERIMENTAL_PROVIDER: 'nerdctl' })).toMatchObject({ name: 'nerdctl', arch: 'amd64', cgroup: '1', rootless: false })
  })

  test('that starts beside the job is waited for', async () => {
    program('docker', `[ -f "${folder.path}/up" ] || { : >"${folder.path}/up"; echo "no such host" >&2; exit 1; }\n${says(DOCKER)}`)
    expect((await find({ DOCKER_HOST: 'tcp://docker:2376' })).endpoint).toBe('tcp://docker:2376')
  })

  test('that there is none says why, engine by engine, in one line each and without what could act on a terminal', async () => {
    program('docker', `printf '\\033[31mbroken\\n::error::x\\n' >&2; exit 1`)
    const message = await find().catch(messageOf)
    expect(message).toBe('No container engine answers: docker: \\x1b[31mbroken ::error::x; nerdctl: not on PATH; podman: not on PATH')
  })
})

test('it gets of the environment where it is and who we are to it, and nothing of a cluster, a cloud or a CI system', () => {
  const kept = { PATH: '/bin', HOME: '/h', DOCKER_HOST: 'tcp://x', DOCKER_CERT_PATH: '/c', XDG_RUNTIME_DIR: '/run/user/1', KIND_EXPERIMENTAL_PROVIDER: 'podman', HTTPS_PROXY: 'p', no_proxy: 'n', SSH_AUTH_SOCK: 's' } // prettier-ignore
  const left = {
    KUBECONFIG: 'k',
    GITHUB_TOKEN: 't',
    AWS_SECRET_ACCESS_KEY: 'a',
    DOCKER_PASSWORD: 'p',
    DOCKER_AUTH_CONFIG: 'a',
    CI_JOB_TOKEN: 'j',
    KSCAN_POD: 'x',
    EMPTY: ''
  }
  expect(engineEnvironment({ ...kept, ...left, DOCKER_CONTEXT: '', TMPDIR: undefined })).toEqual(kept)
})

test.each([
  ['on this machine', { endpoint: 'unix:///here.sock', folder: '/' }, true],
  ['on another machine', { endpoint: 'tcp://docker:2376', folder: '/' }, false],
  ['that says nothing', { endpoint: '', folder: '' }, false],
  ['whose folder cannot be seen', { endpoint: '', folder: '/no/such' }, false]
])('the room of an engine %s is known: %#', async (_what, engine, known) => {
  const room = await roomOf(engine)
  expect(room !== undefined && room.free > 0 && room.share > 0 && room.share <= 1).toBe(known)
})
