import { closeSync, existsSync, lstatSync, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs'
import { basename, delimiter, dirname, isAbsolute, join, sep } from 'node:path'
import { isBelow } from '../../kernel/below.ts'
import { findOnPath } from '../../process/find.ts'

/**
 * What stands at a path of an isolated program's file system. `program` and `data` are what is there outside, read-only, and of data nothing is executed;
 * `own` can be written; `empty` and `nothing` hide a folder and a file; `folder` only leads to what lies in it.
 */
export interface Place {
  readonly kind: 'folder' | 'program' | 'data' | 'own' | 'device' | 'empty' | 'nothing' | 'scratch' | 'proc' | 'link'
  readonly path: string
  /** Where it lies outside, where that is elsewhere. */
  readonly from?: string
}

/** What a program needs to see. Paths are absolute. */
export interface Needs {
  /** What it is and what it loads: folders and files. */
  readonly programs: readonly string[]
  /** Programs' folders that are to stand elsewhere than they lie. */
  readonly moved?: readonly { readonly from: string; readonly path: string }[]
  /** What it reads. */
  readonly data: readonly string[]
  /** Its folder, which it may write to. */
  readonly own: string
  readonly network: boolean
  /** All of this machine but what is private. */
  readonly machine: boolean
  /** What it must not see, wherever that lies; real paths. */
  readonly hidden: readonly string[]
}

const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32']
const SETTINGS = ['ld.so.cache', 'alternatives', 'localtime', 'ssl/openssl.cnf', 'pki/tls/openssl.cnf', 'crypto-policies'].map((name) => `/etc/${name}`)
const NETWORK = ['resolv.conf', 'hosts', 'nsswitch.conf', 'services', 'ssl/certs', 'ssl/cert.pem', 'pki/tls/certs', 'pki/ca-trust/extracted', 'ca-certificates']
/** Never shown with the rest of the machine: they are of processes, of other users, or hold sockets of services. */
const NOT_SHOWN = new Set(['proc', 'dev', 'sys', 'tmp', 'run', 'root', 'home'])

/** The places of a file system that is made of these needs and nothing else, a folder before what lies in it. */
export const placesOf = (needs: Needs): Place[] => {
  const moved = (needs.moved ?? []).map((each): Place => ({ kind: 'program', ...each }))
  const isOver = (name: string): boolean => moved.some(({ path }) => isBelow(path, `/${name}`)) // it could not be mounted in what is read-only
  const system = needs.machine ? readdirSync('/').filter((name) => !NOT_SHOWN.has(name) && !isOver(name)) : SYSTEM.map((path) => path.slice(1))
  const settings = needs.machine ? [] : [...SETTINGS, ...(needs.network ? NETWORK.map((name) => `/etc/${name}`) : [])]
  const programs = [...system.map((name) => `/${name}`), ...settings, ...needs.programs].filter((path) => existsSync(path)).map(programAt)
  const data = [...needs.data, ...(needs.network ? resolver() : [])].map((path): Place => ({ kind: 'data', path }))
  const shown = [...programs, ...moved, ...data]
  const wanted: Place[] = [...DEVICES, ...shown, { kind: 'own', path: needs.own }]
  const hidden = needs.hidden.filter((path) => shown.some((place) => isBelow(path, place.path)))
  const leading = wanted.flatMap(({ path }) => foldersAbove(path)).map((path): Place => ({ kind: 'folder', path }))
  const all = new Map([...leading, ...hidden.map(hiddenAt), ...wanted].map((place) => [place.path, place]))
  return [...all.values()].toSorted((one, other) => (one.path < other.path ? -1 : 1))
}

const DEVICES: readonly Place[] = [
  ...['null', 'zero', 'random', 'urandom'].map((name): Place => ({ kind: 'device', path: `/dev/${name}` })),
  { kind: 'scratch', path: '/tmp' },
  { kind: 'proc', path: '/proc' }
]

/** It is a link to a file of a service on many machines. */
const resolver = (): string[] => (existsSync('/etc/resolv.conf') ? [realpathSync('/etc/resolv.conf')] : [])

const foldersAbove = (path: string): string[] => (dirname(path) === sep ? [] : [dirname(path), ...foldersAbove(dirname(path))])

/** Links of the top folder are kept: /lib and /bin are such. */
const programAt = (path: string): Place => (dirname(path) === '/' && lstatSync(path).isSymbolicLink() ? { kind: 'link', path } : { kind: 'program', path })

const hiddenAt = (path: string): Place => ({ kind: statSync(path).isDirectory() ? 'empty' : 'nothing', path })

/**
 * What belongs to a program: the folder above its `bin`, else its own folder, else the file alone; never a folder that holds something private. A program
 * that is a link belongs where the link leads, too, and a script to what interprets it.
 */
export const treesOf = (program: string, { path, hidden }: { readonly path: string; readonly hidden: readonly string[] }): string[] => {
  const interpreter = interpreterOf(program, path)
  const files = [program, realpathSync(program), ...(interpreter === undefined ? [] : [interpreter, realpathSync(interpreter)])]
  return [...new Set(files.map((file) => treeOf(file, hidden)))]
}

/** The program that PATH leads to, with what belongs to it. */
export const programOnPath = async (name: string, options: Parameters<typeof treesOf>[1]): Promise<{ file: string; trees: string[] } | undefined> => {
  const file = await findOnPath(name, options.path)
  return file === undefined ? undefined : { file, trees: treesOf(file, options) }
}

const treeOf = (file: string, hidden: readonly string[]): string => {
  const folder = dirname(file)
  const wide = basename(folder) === 'bin' ? [dirname(folder), folder] : [folder]
  return wide.find((tree) => tree !== sep && !hidden.some((place) => isBelow(place, tree))) ?? file
}

const FIRST_LINE = 256

/** Of the line `#!PROGRAM` or `#!/usr/bin/env PROGRAM`; undefined where there is none, or it is not found. */
const interpreterOf = (file: string, path: string): string | undefined => {
  const [, named = '', word] = /^#!\s*(\S+)(?:[ \t]+(?:-S[ \t]+)?(\S+))?/.exec(headOf(file)) ?? []
  const candidates = basename(named) === 'env' && word !== undefined ? path.split(delimiter).map((folder) => join(folder, word)) : [named]
  return candidates.find((candidate) => isAbsolute(candidate) && existsSync(candidate))
}

const headOf = (file: string): string => {
  const descriptor = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(FIRST_LINE)
    return bytes.toString('latin1', 0, readSync(descriptor, bytes))
  } finally {
    closeSync(descriptor)
  }
}
