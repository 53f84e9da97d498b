import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { clusterOf } from './caller.ts'
import { KUBECONFIG } from './cluster.ts'

export interface Registry {
  /** HOST:PORT, as nodes reach it. */
  readonly address: string
  /** Gives it an image of one layer, for user 65532. */
  push(name: string, layer: string): void
  stop(): Promise<void>
}

interface Route {
  readonly prefsrc: string
}

/** An address that nodes reach, and that never answers. */
export const startSilence = async (): Promise<{ readonly address: string; readonly stop: () => void }> => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => sockets.add(socket.on('error', () => {})))
  server.listen(0, ownAddress())
  await once(server, 'listening')
  const { address, port } = server.address() as AddressInfo
  return {
    address: `${address}:${port}`,
    stop: () => {
      server.close()
      for (const socket of sockets) socket.destroy()
    }
  }
}

/** This machine's, as nodes reach it. */
export const ownAddress = (): string => {
  const node = new URL(clusterOf(KUBECONFIG).server).hostname
  const [route] = JSON.parse(execFileSync('ip', ['-j', 'route', 'get', node], { encoding: 'utf8' })) as [Route]
  return route.prefsrc
}

/** A registry on this machine, without TLS, that the node may pull from. */
export const startRegistry = async (): Promise<Registry> => {
  const host = ownAddress()
  const server = spawn('crane', ['registry', 'serve', '--address', `${host}:0`], { stdio: ['ignore', 'ignore', 'pipe'] })
  const address = await new Promise<string>((resolve, reject) => {
    let said = ''
    server.once('exit', () => reject(new Error(`the registry ended: ${said}`)))
    server.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8')
      const port = /serving on port (\d+)|:(\d+)\s*$/m.exec(said)
      if (port !== null) resolve(`${host}:${port[1] ?? port[2]}`)
    })
  })
  const known = join(dirname(KUBECONFIG), 'etc', 'registries', address)
  mkdirSync(known, { recursive: true })
  writeFileSync(join(known, 'hosts.toml'), `server = "http://${address}"\n`)
  return {
    address,
    push: (name, layer) => {
      const crane = (...args: string[]): void => void execFileSync('crane', [...args, '--insecure'], { stdio: 'ignore' })
      crane('append', '--oci-empty-base', '-f', layer, '-t', `${address}/${name}`)
      crane('mutate', `${address}/${name}`, '--entrypoint', '/app', '--user', '65532', '--set-platform', 'linux/amd64', '-t', `${address}/${name}`)
    },
    stop: async () => {
      rmSync(known, { recursive: true, force: true })
      server.kill()
      await once(server, 'exit')
    }
  }
}
