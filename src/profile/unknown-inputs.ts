import { readFileSync, statSync } from 'node:fs'
import { isMap, isScalar } from 'yaml'
import { printableLine } from '../kernel/name.ts'
import { nearest } from '../kernel/nearest.ts'
import { parseYaml } from '../kernel/yaml.ts'
import type { Profile } from './fetch.ts'
import { filesBelow } from './walk.ts'

/** A text of inputs, with the words by which people know it. */
export interface InputsText {
  readonly source: string
  readonly text: string
}

/** More text is not searched. */
const MOST_BYTES = 32 * 1024 * 1024

/** One sentence for each input that no profile speaks of, with the one that was probably meant; none where a profile is an archive, whose text is not known. */
export const unknownInputs = (profiles: readonly Profile[], given: readonly InputsText[]): string[] => {
  const names = given.flatMap(({ source, text }) => keysOf(text).map((name) => ({ source, name })))
  const texts = names.length === 0 ? [] : profiles.map(({ path }) => textOf(path))
  if (texts.some((text) => text === undefined)) return []
  const whole = texts.join('\n')
  return names.filter(({ name }) => !hasWord(whole, name)).map(({ source, name }) => sentence(name, source, declaredIn(whole)))
}

const sentence = (name: string, source: string, declared: readonly string[]): string => {
  const meant = nearest(name, declared, Math.min(3, Math.floor(name.length / 3)))
  return `${source}: no profile has an input ${printableLine(name, 100)}${meant === undefined ? '' : ` (did you mean ${printableLine(meant, 100)}?)`}`
}

const keysOf = (text: string): string[] => {
  const { contents } = parseYaml(text, { version: '1.1' })
  return isMap(contents) ? contents.items.flatMap(({ key }) => (isScalar(key) ? [String(key.value)] : [])) : []
}

/** All that a profile says, with what it has vendored. */
const textOf = (path: string): string | undefined => {
  try {
    if (statSync(path).isFile()) return path.endsWith('.rb') ? readFileSync(path, 'utf8') : undefined
    const files = filesBelow(path).filter(({ name }) => /\.(?:rb|ya?ml|erb)$/.test(name))
    if (files.reduce((sum, { stat }) => sum + stat.size, 0) > MOST_BYTES) return undefined
    const metadata = files.find(({ name }) => name === 'inspec.yml')
    if (metadata !== undefined && /^depends:/m.test(readFileSync(metadata.path, 'utf8'))) return undefined // those of its dependencies are not known
    return files.map((file) => readFileSync(file.path, 'utf8')).join('\n')
  } catch {
    return undefined
  }
}

/** The name as a word of its own, wherever it stands. */
const hasWord = (text: string, name: string): boolean => {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (!/[\w-]/.test(text[at - 1] ?? ' ') && !/[\w-]/.test(text[at + name.length] ?? ' ')) return true
  }
  return false
}

const DECLARED = /\b(?:input|attribute)[ \t]*\(?[ \t]*['"]([^'"\n]+)['"]|^[ \t]*-[ \t]+name:[ \t]*['"]?([^'"\n#]+?)['"]?[ \t]*$/gm

const declaredIn = (text: string): string[] => [...new Set([...text.matchAll(DECLARED)].map(([, called, listed]) => called ?? listed ?? ''))]
