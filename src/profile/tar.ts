import { gunzipSync, gzipSync } from 'node:zlib'

/** A file of an archive. */
export interface Packed {
  readonly name: string
  readonly bytes: Uint8Array
}

const BLOCK = 512
/** All that an archive holds, unpacked. */
export const UNPACKED_BYTES = 512 * 1024 * 1024
const MOST_FILES = 50_000

/** The files of a tar archive in gzip; folders, links and devices are left out. Throws an Error for what is none, is cut, or is larger than any profile. */
export const readTarball = (bytes: Uint8Array): Packed[] => {
  const files: Packed[] = []
  let longName: string | undefined
  for (const { type, name, content } of entriesOf(unzipped(bytes))) {
    if (FILE.has(type)) files.push({ name: longName ?? name, bytes: content })
    if (type !== 'g') longName = longNameOf(type, content)
    if (files.length > MOST_FILES) throw new Error(`it has more than ${MOST_FILES} files`)
  }
  return files
}

const FILE = new Set(['0', '\0'])

/** What an entry says of the next one. */
const longNameOf = (type: string, content: Buffer): string | undefined => {
  if (type === 'L') return textIn(content)
  return type === 'x' ? paxPath(content) : undefined
}

interface Entry {
  readonly type: string
  readonly name: string
  readonly content: Buffer
}

const entriesOf = function* (tar: Buffer): Generator<Entry> {
  let at = 0
  while (at + BLOCK <= tar.length && tar[at] !== 0) {
    const header = tar.subarray(at, at + BLOCK)
    const size = sizeOf(header)
    const content = tar.subarray(at + BLOCK, at + BLOCK + size)
    if (content.length !== size) throw new Error('it is cut')
    yield { type: String.fromCharCode(header[156] ?? 0), name: nameIn(header), content }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
}

const unzipped = (bytes: Uint8Array): Buffer => {
  try {
    return gunzipSync(bytes, { maxOutputLength: UNPACKED_BYTES })
  } catch (error) {
    const large = typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
    throw new Error(large ? `it unpacks to more than ${UNPACKED_BYTES} bytes` : 'it is no tar archive in gzip', { cause: error })
  }
}

const sizeOf = (header: Buffer): number => {
  const text = textIn(header.subarray(124, 136)).trim()
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0)
  if (!/^[0-7]{1,12}$/.test(text) || Number.parseInt(textIn(header.subarray(148, 156)).trim(), 8) !== sum) throw new Error('it is no tar archive')
  return Number.parseInt(text, 8)
}

const textIn = (bytes: Buffer): string => {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end)
}

const nameIn = (header: Buffer): string => {
  const prefix = textIn(header.subarray(257, 262)) === 'ustar' ? textIn(header.subarray(345, 500)) : ''
  return prefix === '' ? textIn(header.subarray(0, 100)) : `${prefix}/${textIn(header.subarray(0, 100))}`
}

/** Records are `LENGTH KEY=VALUE\n`, the length of all of it in bytes. */
const paxPath = (content: Buffer): string | undefined => {
  let path: string | undefined
  for (let at = 0; at < content.length;) {
    const [, digits = ''] = /^(\d{1,6}) /.exec(content.toString('latin1', at, at + 8)) ?? []
    const length = Number(digits)
    if (digits === '' || length <= digits.length + 1) throw new Error('it is no tar archive')
    const record = content.toString('utf8', at + digits.length + 1, at + length - 1)
    if (record.startsWith('path=')) path = record.slice('path='.length)
    at += length
  }
  return path
}

/** The same bytes for the same files, whenever and by whomever: in order of their names, without times, users and rights. */
export const writeTarball = (files: readonly Packed[]): Buffer => {
  const ordered = files.toSorted((one, other) => (one.name < other.name ? -1 : 1))
  const blocks = ordered.flatMap(({ name, bytes }) => [...headersOf(name, bytes.length), bytes, padding(bytes.length)])
  const zipped = gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]), { level: 9 })
  zipped[9] = 255 // of what system it is does not matter
  return zipped
}

const padding = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK)

const headersOf = (name: string, size: number): Buffer[] => {
  if (Buffer.byteLength(name) <= 100) return [headerOf(name, size, '0')]
  const record = paxRecord(`path=${name}\n`)
  return [headerOf('PaxHeader/name', record.length, 'x'), record, padding(record.length), headerOf(Buffer.from(name).toString('latin1', 0, 100), size, '0')]
}

const paxRecord = (text: string): Buffer => {
  const size = Buffer.byteLength(text) + 1
  const digits = [1, 2, 3, 4, 5].find((count) => String(size + count).length === count) ?? 5
  return Buffer.from(`${size + digits} ${text}`)
}

const headerOf = (name: string, size: number, type: string): Buffer => {
  const header = Buffer.alloc(BLOCK)
  const put = (text: string, at: number): void => void header.write(text, at, 'latin1')
  header.write(name, 0, 100, type === 'x' || Buffer.byteLength(name) <= 100 ? 'utf8' : 'latin1')
  put('0000644\0', 100)
  put('0000000\0', 108)
  put('0000000\0', 116)
  put(`${size.toString(8).padStart(11, '0')}\0`, 124)
  put('00000000000\0', 136)
  put('        ', 148)
  put(type, 156)
  put('ustar\0', 257)
  put('00', 263)
  const sum = header.reduce((total, byte) => total + byte, 0)
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}
