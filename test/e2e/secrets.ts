import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { inflateRawSync } from 'node:zlib'
import { parse } from 'yaml'

/** A JSON Web Token, also as base64 of one: tokens of the cluster are such, known beforehand or not. */
const TOKEN = /eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}|ZXlK[A-Za-z0-9+/]{60,}/g
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----/g

/** The credentials of a kubeconfig in every form in which they could be written: as in the file, decoded, and each line of a PEM. */
const credentialsOf = (kubeconfig: string): string[] => {
  const { users } = parse(readFileSync(kubeconfig, 'utf8')) as { users: readonly { user: Readonly<Record<string, unknown>> }[] }
  return users.flatMap(({ user }) =>
    ['client-certificate-data', 'client-key-data', 'token', 'password'].flatMap((name) => {
      const value = user[name]
      if (typeof value !== 'string') return []
      const decoded = Buffer.from(value, 'base64').toString('latin1')
      const lines = name.endsWith('-data') ? decoded.split('\n').filter((line) => line.length > 20 && !line.startsWith('-----')) : []
      return [value, ...lines]
    })
  )
}

/** Every secret in a text: tokens, private keys, and the credentials of a kubeconfig. Shown by their beginning only. */
export const secretsIn = (text: string, kubeconfig: string): string[] => [
  ...(text.match(TOKEN) ?? []).map((token) => `token ${token.slice(0, 12)}…`),
  ...(text.match(PRIVATE_KEY) ?? []),
  ...credentialsOf(kubeconfig).flatMap((value) => (text.includes(value) ? [`credential ${value.slice(0, 12)}…`] : []))
]

/** The same in every file below a folder, and in what archives hold; each with its path. Also how many files were read. */
export const secretsBelow = (folder: string, kubeconfig: string, without: (path: string) => boolean = () => false): { found: string[]; files: string[] } => {
  const found: string[] = []
  const files: string[] = []
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, path)
    if (without(path) || statSync(file, { throwIfNoEntry: false })?.isFile() !== true) continue
    const bytes = readFileSync(file)
    const parts: (readonly [name: string, bytes: Buffer])[] = path.endsWith('.zip')
      ? unzip(bytes).map(([name, part]) => [`${path}!${name}`, part])
      : [[path, bytes]]
    for (const [name, part] of parts) {
      files.push(name)
      found.push(...secretsIn(part.toString('latin1'), kubeconfig).map((secret) => `${name}: ${secret}`))
    }
  }
  return { found, files }
}

/** The files of a zip archive by its central directory (APPNOTE 4.3.12): stored or deflated. */
export const unzip = (archive: Buffer): (readonly [name: string, bytes: Buffer])[] => {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'))
  if (end === -1) throw new Error('not a zip archive')
  const parts: (readonly [string, Buffer])[] = []
  let at = archive.readUInt32LE(end + 16)
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset)) as [number, number, number]
    const local = archive.readUInt32LE(at + 42)
    const from = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28)
    const packed = archive.subarray(from, from + archive.readUInt32LE(at + 20))
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength)
    parts.push([name, archive.readUInt16LE(at + 10) === 0 ? packed : inflateRawSync(packed)])
    at += 46 + nameLength + extraLength + commentLength
  }
  return parts
}
