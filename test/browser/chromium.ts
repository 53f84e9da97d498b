import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What a browser made of a page: the document after its scripts, and all that it asked of any host, as `GET http://host/path`. */
export interface Seen {
  readonly dom: string
  readonly requests: readonly string[]
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
]

// What the browser asks for itself, of every page: its updates, the time, the accounts of its user.
const OWN = /^\w+ (?:http:\/\/)?(?:[\w-]+\.)*(?:google|googleapis|gvt1)\.com[:/]/

/** Debian's Chromium, which has to be installed: a page that nobody has opened proves nothing. */
const PROGRAM = 'chromium'

/** What a server of ours answers to an address, whatever host it names; nothing: that there is none. */
export type Answer = (address: string) => { readonly type: string; readonly body: string | Buffer } | undefined

/** Opens a page from a file, in a window of `width` pixels, and waits until nothing happens in it any more. Every request goes to a server of ours, whatever host it names. */
export const open = async (page: string, width = 1280): Promise<Seen> => {
  const folder = mkdtempSync(join(tmpdir(), 'page-'))
  try {
    const file = join(folder, 'page.html')
    writeFileSync(file, page)
    return await visit(pathToFileURL(file).href, { width, patience: 20_000, answer: () => ({ type: 'text/plain', body: '' }) })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Prints a page as people do who want a PDF of it. Returns how many pages that has. */
export const print = async (page: string): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), 'print-'))
  try {
    const [file, paper] = [join(folder, 'page.html'), join(folder, 'page.pdf')]
    writeFileSync(file, page)
    await run([...FLAGS, `--user-data-dir=${join(folder, 'browser')}`, '--no-pdf-header-footer', `--print-to-pdf=${paper}`, pathToFileURL(file).href])
    return readFileSync(paper, 'latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
}

/** Opens an address in the same way. `patience`: how long something may happen in it, in milliseconds of its own time. */
export const visit = async (address: string, { width, patience, answer }: { width: number; patience: number; answer: Answer }): Promise<Seen> => {
  const profile = mkdtempSync(join(tmpdir(), 'browser-'))
  const requests: string[] = []
  const server = createServer(({ method, url = '' }, response) => {
    requests.push(`${method} ${url}`)
    const answered = answer(url)
    if (answered === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': answered.type }).end(answered.body)
  }).on('connect', ({ url }, socket) => {
    requests.push(`CONNECT ${url}`)
    socket.destroy()
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  try {
    const { port } = server.address() as AddressInfo
    const proxy = [`--proxy-server=http://127.0.0.1:${port}`, '--proxy-bypass-list=<-loopback>']
    const window = [`--window-size=${width},900`, `--user-data-dir=${profile}`]
    const dom = await run([...FLAGS, ...proxy, ...window, `--virtual-time-budget=${patience}`, '--dump-dom', address])
    return { dom, requests: requests.filter((each) => !OWN.test(each)) }
  } finally {
    server.closeAllConnections()
    server.close()
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
}

const run = async (args: readonly string[]): Promise<string> => {
  const child = spawn(PROGRAM, args, { stdio: ['ignore', 'pipe', 'ignore'], timeout: 200_000, killSignal: 'SIGKILL' })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const status = await new Promise((ended, failed) => child.once('error', failed).once('close', ended))
  if (status !== 0) throw new Error(`${PROGRAM} ended with ${String(status)}`)
  return Buffer.concat(chunks).toString()
}
