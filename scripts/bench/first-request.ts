import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Milliseconds from the start of the built command line to its first connection to the API server. */
export const timeFirstRequest = async (): Promise<number> => {
  const { promise, resolve } = Promise.withResolvers<number>()
  const folder = mkdtempSync(join(tmpdir(), 'kscan-bench-'))
  const server = createServer((socket) => {
    resolve(performance.now())
    socket.destroy()
  })
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'a', cluster: { server: `https://127.0.0.1:${port}` } }],
    users: [{ name: 'a', user: { token: 'of-no-use' } }],
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }]
  }
  const file = join(folder, 'kubeconfig')
  writeFileSync(file, JSON.stringify(kubeconfig))
  const begun = performance.now()
  const child = spawn(process.execPath, ['dist/cli.js', 'plan', '--kubeconfig', file, '--pod', 'any'], { stdio: 'ignore' })
  try {
    return (await promise) - begun
  } finally {
    child.kill('SIGKILL')
    server.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
