import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { badInput, type Problem } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { nearest } from '../kernel/nearest.ts'
import type { Profile } from './fetch.ts'
import { filesBelow } from './walk.ts'

/** What may give a profile controls that its text does not name. */
const DYNAMIC =
  /\b(?:include_controls|require_controls|instance_eval|class_eval|public_send|__send__|define_method|require_relative)\b|\b(?:eval|send)\s*\(|\bload\s*\(?\s*['"]/
/** A control whose id is no text by itself. */
const COMPUTED = /(?:^|[;{}|&=(]|\bdo\b|\bthen\b)[ \t]*(?:control|rule)\b(?![ \t]*\(?[ \t]*['"])[ \t]*\S|\b(?:control|rule)[ \t]*\(?[ \t]*"[^"\n]*#\{/m
const LITERAL = /\b(?:control|rule)[ \t]*\(?[ \t]*(?:'([^'\n]*)'|"([^"\n]*)")/g
const COMMENT = /^[ \t]*#.*$/gm

/** The ids of all controls of a profile, where its text tells them; undefined where Ruby may make others. */
export const controlIds = (path: string): ReadonlySet<string> | undefined => {
  try {
    if (statSync(path).isFile()) return path.endsWith('.rb') ? idsIn([readFileSync(path, 'utf8')]) : undefined
    const metadata = readFileSync(join(path, 'inspec.yml'), 'utf8')
    if (/<%|^depends:/m.test(metadata) || existsSync(join(path, 'libraries'))) return undefined
    const files = filesBelow(join(path, 'controls')).filter(({ name }) => name.endsWith('.rb'))
    return idsIn(files.map((file) => readFileSync(file.path, 'utf8')))
  } catch {
    return undefined // the auditor says what is wrong with it
  }
}

const idsIn = (sources: readonly string[]): ReadonlySet<string> | undefined => {
  const texts = sources.map((source) => source.replace(COMMENT, ''))
  if (texts.some((source) => DYNAMIC.test(source) || COMPUTED.test(source))) return undefined
  return new Set(texts.flatMap((source) => [...source.matchAll(LITERAL)].map(([, single, double]) => single ?? double ?? '')))
}

const SHOWN = 8

/** Throws BAD_INPUT for ids that no profile has, where all ids are known. Expressions are the auditor's to match. */
export const demandControls = (profiles: readonly Profile[], wanted: readonly string[]): void => {
  const ids = wanted.filter((word) => !word.startsWith('/'))
  const sets = ids.length === 0 ? [] : profiles.map(({ path }) => controlIds(path))
  const known = sets.flatMap((set) => [...(set ?? [])])
  if (known.length === 0 || sets.some((set) => set === undefined)) return
  const problems = ids.filter((id) => !known.includes(id)).map((id) => unknown(id, known))
  if (problems.length > 0) throw badInput(problems)
}

const unknown = (id: string, known: readonly string[]): Problem => {
  const meant = known.find((each) => each.toLowerCase() === id.toLowerCase()) ?? nearest(id, known, Math.min(3, Math.floor(id.length / 3)))
  const some = `${known.slice(0, SHOWN).join(', ')}${known.length > SHOWN ? `, … (${known.length})` : ''}`
  return {
    name: 'controls',
    expected: 'ids of the profiles',
    got: printableLine(JSON.stringify(id), 200),
    hint: meant === undefined ? `They have: ${printableLine(some, 300)}` : `Did you mean ${printableLine(meant, 200)}?`
  }
}
