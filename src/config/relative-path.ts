import { isAbsolute, join } from 'node:path'
import type { Input } from './input.ts'
import { listText, type Value } from './values.ts'

/** What an input says that a file in `folder` gave: its paths are relative to that folder. */
export const relativeTo = (folder: string, input: Input, { text, value }: { text: string; value: Value }): string => {
  if (input.path === undefined || folder === '.') return text
  const move = (path: string): string => (wordsOf(input).includes(path) || /^[a-z][a-z+.-]*:\/\//i.test(path) ? path : below(folder, path))
  return typeof value === 'string' ? move(value) : listText(Array.isArray(value) ? value.map(move) : [])
}

const wordsOf = ({ type }: Input): readonly string[] => (type.kind === 'list' && type.of !== undefined ? type.of : [])

/** With a slash, so that it is taken for no word. */
const below = (folder: string, path: string): string => {
  if (isAbsolute(path)) return path
  const joined = join(folder, path)
  return joined.includes('/') ? joined : `./${joined}`
}
