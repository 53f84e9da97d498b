import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { basename } from 'node:path'
import { messageOf } from '../kernel/error.ts'
import type { Fetching } from '../kernel/fetching.ts'
import { printableLine } from '../kernel/name.ts'
import { get } from './get.ts'

export interface Download {
  readonly url: string
  /** Hexadecimal: other bytes are refused. Undefined: whatever comes is taken, unless it is a web page. */
  readonly sha256: string | undefined
  readonly mostBytes: number
  /** Milliseconds for all of it, redirections too. */
  readonly timeout: number
  readonly signal: AbortSignal
  /** For HTTPS_PROXY, NO_PROXY and the like. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly fetching: Fetching
  /** Learns every ten seconds how much has come. */
  readonly onBytes?: ((bytes: number) => void) | undefined
}

const REDIRECTIONS = 5

/** Fetches bytes that are known by their digest. Rejects with an Error that says what came instead; the signal's reason when aborted. */
export const download = async ({ url: from, sha256, mostBytes, timeout, signal, env, fetching, onBytes }: Download): Promise<Buffer> => {
  const url = mirrored(from, fetching.mirror)
  if (fetching.offline) throw new Error(`${shown(url)}: it is not fetched, for offline is true`)
  const late = AbortSignal.timeout(timeout)
  try {
    const bytes = await fetchBytes(url, { mostBytes, env, ca: fetching.ca, onBytes, signal: AbortSignal.any([signal, late]) })
    const got = createHash('sha256').update(bytes).digest('hex')
    const page = looksLikePage(bytes)
    if (sha256 === undefined && page) throw new Error('a web page came')
    if (sha256 !== undefined && got !== sha256)
      throw new Error(`${page ? 'a web page came' : `other bytes came (SHA-256 ${got})`}, in place of SHA-256 ${sha256}`)
    return bytes
  } catch (error) {
    signal.throwIfAborted()
    throw new Error(`${shown(url)}: ${late.aborted ? `it was not there within ${timeout / 1000} s` : messageOf(error)}`, { cause: error })
  }
}

/** A mirror holds the files in one folder. */
const mirrored = (url: string, mirror: string | undefined): string =>
  mirror === undefined ? url : `${mirror.replace(/\/*$/, '')}/${basename(new URL(url).pathname)}`

/** Without what may be a secret. */
const shown = (url: string): string => printableLine(url.replace(/:\/\/[^/@]*@/, '://***@').replace(/[?#].*/, ''))

const looksLikePage = (bytes: Buffer): boolean => /^\s*</.test(bytes.subarray(0, 200).toString('latin1'))

type Wanted = Pick<Download, 'mostBytes' | 'env' | 'signal' | 'onBytes'> & { readonly ca: string | undefined }

const fetchBytes = async (url: string, wanted: Wanted): Promise<Buffer> => {
  let next = url
  for (let step = 0; step <= REDIRECTIONS; step += 1) {
    const response = await get(next, wanted)
    const { statusCode = 0, headers } = response
    if (statusCode === 200) return await read(response, wanted)
    response.destroy()
    if (statusCode < 300 || statusCode >= 400 || headers.location === undefined) throw new Error(`the server answered ${statusCode}`)
    const target = new URL(headers.location, next)
    if (new URL(next).protocol === 'https:' && target.protocol !== 'https:') throw new Error('the server leads away from https')
    next = target.href
  }
  throw new Error(`the server leads on and on (more than ${REDIRECTIONS} times)`)
}

const PROGRESS_MS = 10_000

const read = async (response: IncomingMessage, { mostBytes: most, onBytes }: Wanted): Promise<Buffer> => {
  const chunks: Buffer[] = []
  let size = 0
  let told = performance.now()
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size > most) throw new Error(`it is longer than ${most} bytes`)
    chunks.push(bytes)
    if (onBytes !== undefined && performance.now() - told > PROGRESS_MS) {
      told = performance.now()
      onBytes(size)
    }
  }
  const promised = Number(response.headers['content-length'] ?? size)
  if (!response.complete || promised !== size) throw new Error(`it was cut after ${size} bytes`)
  return Buffer.concat(chunks)
}
