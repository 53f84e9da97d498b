// Runs in a network namespace that has nothing but its own loopback: starts a stand-in of an API server there, and the built command line against it. Prints what came.
//   offline-scan.ts FOLDER ARGUMENT…
import { request } from 'node:https'
import { networkInterfaces } from 'node:os'
import { startApiServer } from './api-server/server.ts'
import { startCommandLine } from './command-line.ts'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder = '', ...args] = process.argv.slice(2)

/** Whether anything answers beyond this machine: by address, so that no resolver has a say. */
const reaches = (): Promise<string> =>
  new Promise((resolve) => {
    const asked = request('https://192.0.2.1/', { timeout: 3000 }, () => resolve('answered'))
    asked.on('error', (error) => resolve('code' in error ? String(error.code) : error.message))
    asked.on('timeout', () => asked.destroy(new Error('timeout')))
    asked.end()
  })

const server = await startApiServer()
server.addPod({ namespace: 'shop', name: 'web' })
const kubeconfig = join(folder, 'kubeconfig')
writeFileSync(kubeconfig, server.kubeconfig(), { mode: 0o600 })
const env = { KUBECONFIG: kubeconfig, XDG_CACHE_HOME: join(folder, 'cache') }
const ran = await startCommandLine(args, { folder, env }).ended
const made = server.objects.made()
await server.close()
process.stdout.write(JSON.stringify({ ...ran, made, network: await reaches(), interfaces: Object.keys(networkInterfaces()) }))
