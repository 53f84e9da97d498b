import { inflateRawSync } from 'node:zlib'
import { type Packed, UNPACKED_BYTES } from './tar.ts'

const END = 0x06054b50
const ENTRY = 0x02014b50
const LOCAL = 0x04034b50
const END_BYTES = 22
const COMMENT_BYTES = 65_535

/** The files of a zip archive; folders and links are left out. Throws an Error for what is none, is cut, is encrypted, or is larger than any profile. */
export const readZip = (bytes: Buffer): Packed[] => {
  const files: Packed[] = []
  let left = UNPACKED_BYTES
  for (const entry of entriesOf(bytes)) {
    left -= entry.size
    if (left < 0) throw new Error(`it unpacks to more than ${UNPACKED_BYTES} bytes`)
    if (!entry.name.endsWith('/') && !entry.link) files.push({ name: entry.name, bytes: contentOf(bytes, entry) })
  }
  return files
}

interface Entry {
  readonly name: string
  readonly link: boolean
  readonly method: number
  readonly packed: number
  readonly size: number
  readonly at: number
}

const entriesOf = (bytes: Buffer): Entry[] => {
  const end = endOf(bytes)
  const entries: Entry[] = []
  let at = bytes.readUInt32LE(end + 16)
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== ENTRY) throw new Error('it is no zip archive')
    const [nameBytes, extra, comment] = [28, 30, 32].map((offset) => bytes.readUInt16LE(at + offset))
    if ((bytes.readUInt16LE(at + 8) & 1) === 1) throw new Error('it is encrypted')
    entries.push({
      name: bytes.toString('utf8', at + 46, at + 46 + (nameBytes ?? 0)),
      link: ((bytes.readUInt32LE(at + 38) >>> 16) & 0o170000) === 0o120000,
      method: bytes.readUInt16LE(at + 10),
      packed: bytes.readUInt32LE(at + 20),
      size: bytes.readUInt32LE(at + 24),
      at: bytes.readUInt32LE(at + 42)
    })
    at += 46 + (nameBytes ?? 0) + (extra ?? 0) + (comment ?? 0)
  }
  return entries
}

const endOf = (bytes: Buffer): number => {
  for (let at = bytes.length - END_BYTES; at >= Math.max(0, bytes.length - END_BYTES - COMMENT_BYTES); at -= 1) if (bytes.readUInt32LE(at) === END) return at
  throw new Error('it is no zip archive')
}

const contentOf = (bytes: Buffer, { at, method, packed, size }: Entry): Buffer => {
  if (at + 30 > bytes.length || bytes.readUInt32LE(at) !== LOCAL) throw new Error('it is no zip archive')
  const begin = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28)
  const content = bytes.subarray(begin, begin + packed)
  if (method !== 0 && method !== 8) throw new Error('it is packed in a way that is not known')
  const unpacked = method === 0 ? content : inflateRawSync(content, { maxOutputLength: Math.max(1, size) })
  if (unpacked.length !== size) throw new Error('it is cut')
  return unpacked
}
