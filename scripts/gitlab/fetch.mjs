import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'

const FOLDER = '.kscan/bundle'
const LARGEST_BYTES = 64 * 1024 * 1024
const { KSCAN_JOB_BUNDLE_URL: url = '', KSCAN_JOB_BUNDLE_SHA256: expected = '' } = process.env

const fail = (code, text) => {
  console.error(`error: ${text}`)
  return code
}

const download = async () => {
  const answer = await fetch(url, { signal: AbortSignal.timeout(120_000) })
  if (!answer.ok) throw new Error(`it answered ${answer.status}`)
  const parts = []
  let size = 0
  for await (const part of answer.body) {
    size += part.length
    if (size > LARGEST_BYTES) throw new Error('it is larger than any bundle')
    parts.push(part)
  }
  return Buffer.concat(parts)
}

const main = async () => {
  rmSync(FOLDER, { recursive: true, force: true })
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:') return fail(2, 'bundle-url: expected an https address')
  if (!/^[0-9a-f]{64}$/.test(expected)) return fail(2, 'bundle-sha256: expected the SHA-256 of the bundle, 64 digits of 0-9a-f')
  const { host } = new URL(url)
  const bytes = await download().catch((error) => error)
  if (bytes instanceof Error) return fail(4, `the bundle could not be fetched from ${host}: ${bytes.cause?.code ?? bytes.message}`)
  const got = createHash('sha256').update(bytes).digest('hex')
  if (got !== expected) return fail(4, `the bundle from ${host} is not the one that was pinned: expected SHA-256 ${expected}, got ${got}`)
  mkdirSync(FOLDER, { recursive: true, mode: 0o700 })
  writeFileSync(`${FOLDER}/kscan.tgz`, bytes)
  execFileSync('tar', ['-xzf', `${FOLDER}/kscan.tgz`, '-C', FOLDER], { stdio: 'inherit' })
  return 0
}

process.exitCode = await main()
