import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { messageOf } from '../kernel/error.ts'
import { notA } from './digest.ts'
import { type Packed, readTarball } from './tar.ts'
import { readZip } from './zip.ts'

/** As the auditor knows archives, by their names. */
export const isArchive = (path: string): boolean => /\.(?:zip|tar\.gz|tgz)$/.test(path)

/** The files of an archive; `shown` names it. Throws BAD_INPUT. */
export const filesOfArchive = (bytes: Buffer, shown: string): Packed[] => {
  try {
    const files = (bytes.readUInt16LE(0) === 0x4b50 ? readZip(bytes) : readTarball(bytes)).map(({ name, bytes: content }) => ({
      name: safeName(name),
      bytes: content
    }))
    return files.filter(({ name }) => name !== '' && name !== 'pax_global_header')
  } catch (error) {
    throw notA('an archive of a profile (.tar.gz, .tgz or .zip)', `${shown}: ${messageOf(error)}`)
  }
}

const safeName = (name: string): string => {
  const parts = name.split('/').filter((part) => part !== '.' && part !== '')
  if (name.startsWith('/') || parts.includes('..') || /[\\\p{C}]/u.test(name)) throw new Error('it has a file that leads out of it')
  return parts.some((part) => part === '.git') ? '' : parts.join('/')
}

/** Writes the files of an archive into a folder that is made, and tells where in it the profile lies: at the top, or in the one folder there. Throws BAD_INPUT. */
export const unpack = (files: readonly Packed[], folder: string, shown: string): string => {
  write(files, folder, shown)
  const tops = existsSync(folder) ? readdirSync(folder) : []
  const root = [folder, ...(tops.length === 1 ? [join(folder, tops[0] ?? '')] : [])].find((place) => existsSync(join(place, 'inspec.yml')))
  if (root === undefined) throw notA('an archive with inspec.yml at its top or in its one folder', shown)
  return root
}

/** Writes the files of an archive into a folder. Throws BAD_INPUT. */
export const write = (files: readonly Packed[], folder: string, shown: string): void => {
  try {
    for (const { name, bytes } of files) {
      mkdirSync(dirname(join(folder, name)), { recursive: true, mode: 0o700 })
      writeFileSync(join(folder, name), bytes, { flag: 'w', mode: 0o600 }) // the last of several files of a name counts
    }
  } catch (error) {
    throw notA('an archive of a profile', `${shown}: ${messageOf(error)}`)
  }
}
