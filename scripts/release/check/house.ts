import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** A folder with the files of kscan, as the checks of a release read them. */
export interface House {
  readonly root: string
  /** Undefined where there is no such file. */
  readonly read: (file: string) => string | undefined
  readonly list: (...patterns: readonly string[]) => readonly string[]
}

export const houseAt = (root: string): House => ({
  root,
  read: (file) => {
    try {
      return readFileSync(join(root, file), 'utf8')
    } catch {
      return undefined
    }
  },
  list: (...patterns) => globSync([...patterns], { cwd: root }).toSorted()
})

/** Two places of a release that say different things. `topic` is the name under which scripts/release/check/known.ts may list it. */
export interface Disagreement {
  readonly topic: 'changelog' | 'action-tag' | 'version' | 'digest' | 'made' | 'tag' | 'artifact'
  readonly where: string
  readonly expected: string
  readonly got: string
  readonly remedy: string
}

export const told = ({ where, expected, got, remedy }: Disagreement): string => `${where}: expected ${expected}, got ${got}. ${remedy}`

/** A JSON file of a shape; what it is instead where it is not. */
export const jsonIn = <T>(house: House, file: string, shape: z.ZodType<T>): { readonly value: T } | { readonly instead: string } => {
  const text = house.read(file)
  if (text === undefined) return { instead: 'no such file' }
  try {
    const parsed = shape.safeParse(JSON.parse(text))
    return parsed.success ? { value: parsed.data } : { instead: z.prettifyError(parsed.error).replaceAll(/\s+/g, ' ') }
  } catch {
    return { instead: 'no JSON' }
  }
}

const Manifest = z.looseObject({ version: z.string() })

/** Of package.json, which all others follow; empty where it has none. */
export const versionOf = (house: House): string => {
  const manifest = jsonIn(house, 'package.json', Manifest)
  return 'value' in manifest ? manifest.value.version : ''
}
