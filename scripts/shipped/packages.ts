// What a bundle is made of: the packages of the modules that the bundler says it took in, read from their own folders.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { z } from 'zod'

/** A package of which something is in the bundle. */
export interface Shipped {
  readonly name: string
  readonly version: string
  /** An SPDX expression; empty where the package declares none. */
  readonly license: string
  /** The text that the license demands a copy of; empty where none is to be had. */
  readonly text: string
  /** Names and versions, as `name@version`, of what it needs and is in the bundle too. */
  readonly needs: readonly string[]
}

export const idOf = ({ name, version }: Pick<Shipped, 'name' | 'version'>): string => `${name}@${version}`

interface Module {
  readonly nameForCondition?: string | null | undefined
  readonly modules?: readonly Module[] | undefined
}
const Module: z.ZodType<Module> = z.lazy(() => z.object({ nameForCondition: z.string().nullish(), modules: z.array(Module).optional() }))
const Stats = z.object({ modules: z.array(Module) })

const Manifest = z.object({
  name: z.string(),
  version: z.string(),
  license: z.string().default(''),
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
  peerDependencies: z.record(z.string(), z.string()).default({}),
  peerDependenciesMeta: z.record(z.string(), z.unknown()).default({})
})

/** Sorted by name and version. `stats` is what the bundler wrote of its work. */
export const shippedPackages = (stats: unknown): Shipped[] => {
  const folders = new Set(modulesOf(Stats.parse(stats).modules).flatMap(folderOf))
  const all = [...folders].map((folder) => packageIn(folder, folders))
  return [...new Map(all.map((each) => [idOf(each), each])).values()].toSorted((one, other) => (idOf(one) < idOf(other) ? -1 : 1))
}

const modulesOf = (modules: readonly Module[]): string[] =>
  modules.flatMap(({ nameForCondition, modules: inner = [] }) => [...(nameForCondition ? [nameForCondition] : []), ...modulesOf(inner)])

/** None for a module of ours. */
const folderOf = (module: string): string[] => {
  const [folder] = /^.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+/.exec(module) ?? []
  return folder === undefined ? [] : [folder]
}

const packageIn = (folder: string, folders: ReadonlySet<string>): Shipped => {
  const { name, version, license } = manifestIn(folder)
  const needs = neededBy(folder, folders, new Set()).map((place) => idOf(manifestIn(place)))
  return { name, version, license, text: textIn(folder, name), needs: [...new Set(needs)].toSorted() }
}

/** Folders of the bundle; what one needs only through a package that is not in the bundle it needs itself. */
const neededBy = (folder: string, folders: ReadonlySet<string>, passed: Set<string>): string[] => {
  const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = manifestIn(folder)
  const names = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies, ...peerDependenciesMeta })
  return names.flatMap((name) => {
    const place = resolve(name, folder)
    if (place === '' || passed.has(place)) return []
    passed.add(place)
    return folders.has(place) ? [place] : neededBy(place, folders, passed)
  })
}

const manifestIn = (folder: string): z.infer<typeof Manifest> => Manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))

/** Where Node finds a package that another one needs; empty where it finds none, as for an optional one. */
const resolve = (name: string, from: string): string => {
  const here = join(from, 'node_modules', name)
  if (existsSync(here)) return here
  const end = from.lastIndexOf(`${sep}node_modules${sep}`)
  return end < 0 ? '' : resolve(name, from.slice(0, end))
}

/** Of a file of its own, of the end of its README, or – where the package forgot it – of its repository, kept in texts/. */
const textIn = (folder: string, name: string): string => {
  const files = readdirSync(folder)
  const own = files.filter((file) => /^(?:licen[cs]e|copying|notice)(?:[-.]|$)/i.test(file)).toSorted()
  if (own.length > 0) return own.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n')
  const readme = files.find((file) => /^readme(?:\.|$)/i.test(file))
  const [, section = ''] = /^#+ *licen[cs]e\s*$(.*)/ims.exec(readme === undefined ? '' : readFileSync(join(folder, readme), 'utf8')) ?? []
  if (/copyright/i.test(section)) return section.trim()
  const kept = join(import.meta.dirname, 'texts', `${name.replace('/', '+')}.txt`)
  return existsSync(kept) ? readFileSync(kept, 'utf8').trim() : ''
}
