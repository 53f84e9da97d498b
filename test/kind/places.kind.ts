import { execFile, execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { leftHere, TOOLS } from '../support/command-line.ts'
import { Folder } from '../support/kubeconfig.ts'
import { clusterIn, docker, ENGINE, IMAGES, KIND, kscan, nodesLeft } from './engine.ts'

const exec = promisify(execFile)
const ARGS = ['scan', ...KIND, '--target-image', IMAGES.debian, '--threshold', 'failed: {total: {max: 100}}', '--max-unjudged', '100']
const SOCKET = (ENGINE['DOCKER_HOST'] ?? '').replace('unix://', '')
/** The engine's own end of its bridge: an address of this machine that is not the loopback's. */
const BRIDGE = '172.17.0.1'

let folder: Folder
let relay: Server
beforeAll(async () => {
  folder = new Folder()
  relay = createServer({ allowHalfOpen: true }, (client) => {
    const engine = connect({ path: SOCKET, allowHalfOpen: true })
    client.pipe(engine).pipe(client)
    for (const end of [client, engine]) end.on('error', () => [client, engine].forEach((each) => each.destroy()))
  })
  await new Promise<void>((resolve) => relay.listen(0, BRIDGE, resolve))
})
afterAll(() => {
  relay.close()
  folder.remove()
})

/** Where kind is. */
const PROGRAMS = dirname(execFileSync('sh', ['-c', 'command -v kind'], { encoding: 'utf8' }).trim())

/** A kind that stumbles where an engine has only one platform of an image. */
const STUMBLES = `#!/bin/sh
[ "$1" = load ] && { echo 'ctr: content digest sha256:0123abc: not found' >&2; exit 1; }
exec ${PROGRAMS}/kind "$@"
`

test('from an engine of another address, its API server is reached there, under a name of its certificate; and an image gets into the nodes without kind', async () => {
  folder.file('kind', STUMBLES)
  const address = relay.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const ran = await kscan(ARGS, { env: { DOCKER_HOST: `tcp://${BRIDGE}:${port}`, PATH: `${folder.path}:${process.env['PATH'] ?? ''}` } })
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining(`the engine is on ${BRIDGE}`)])
  expect(ran.stderr).toContain(`${IMAGES.debian} is of several platforms: only that of the nodes is loaded`)
  expect([await nodesLeft(clusterIn(ran.stderr)), leftHere(ran)]).toEqual([[], []])
})

test('from a container of the same engine, it is reached by the network, which the container leaves again', async () => {
  mkdirSync(join(folder.path, 'tmp'))
  const here = process.cwd()
  const shared = ['/usr', '/etc/alternatives', here, PROGRAMS, TOOLS].flatMap((path) => ['-v', `${path}:${path}`])
  const env = [`PATH=${PROGRAMS}:/usr/local/bin:/usr/bin:/bin`, `HOME=${folder.path}`, `TMPDIR=${folder.path}/tmp`, `XDG_CACHE_HOME=${TOOLS}`]
  const job = [
    'run',
    '--detach',
    '-v',
    `${SOCKET}:/var/run/docker.sock`,
    '-v',
    `${folder.path}:${folder.path}`,
    '-w',
    folder.path,
    ...shared,
    IMAGES.debian,
    'sleep',
    '600'
  ]
  const container = (await docker(...job)).trim()
  try {
    const command = [...env.flatMap((each) => ['--env', each]), container, process.execPath, join(here, 'dist', 'cli.js'), ...ARGS]
    const { stdout, stderr } = await exec('docker', ['exec', ...command], { maxBuffer: 64 * 1024 * 1024 })
    expect([stdout, stderr]).toEqual([expect.stringMatching(/\nPASSED: /), expect.stringContaining('we run in a container of the same engine')])
    expect(await nodesLeft(clusterIn(stderr))).toEqual([])
    expect(Object.keys(JSON.parse(await docker('inspect', '--format', '{{json .NetworkSettings.Networks}}', container)) as object)).toEqual(['bridge'])
    expect(leftHere({ folder: folder.path })).toEqual([])
  } finally {
    await docker('rm', '--force', '--volumes', container)
  }
})
