import type { Config } from '../../../src/config/config.ts'
import type { Verb } from '../../../src/config/input.ts'
import { type LoadContext, loadConfig } from '../../../src/config/load.ts'
import type { Raw } from '../../../src/config/raw.ts'
import { type Problem, ScanError } from '../../../src/kernel/error.ts'

export type Inputs = Readonly<Record<string, string>>

export interface Setting extends Partial<Omit<LoadContext, 'readFile'>> {
  readonly origin?: Raw['origin']
  readonly files?: Inputs
}

/** What a scan cannot do without. */
export const LEAST: Inputs = { pod: 'web-0', profile: './baseline' }

export const rawOf = (inputs: Inputs, origin: Raw['origin'] = 'input'): Map<string, Raw> =>
  new Map(Object.entries(inputs).map(([name, value]) => [name, { value, origin }]))

/** Of a scan with nothing around it. */
export const CONTEXT: LoadContext = { verb: 'scan', env: {}, home: '/home/ann', trusted: true, check: () => [], readFile: () => '' }

export const load = (inputs: Inputs, { origin, files = {}, ...context }: Setting = {}): Config =>
  loadConfig(rawOf(inputs, origin), { ...CONTEXT, readFile: readFrom(files), ...context })

/** A scan of one pod with further inputs. */
export const scanWith = (inputs: Inputs, setting: Setting = {}): Config => load({ ...LEAST, ...inputs }, setting)

export const problemsOf = (work: () => unknown): readonly Problem[] => {
  try {
    work()
    return []
  } catch (error) {
    if (error instanceof ScanError && error.code === 'BAD_INPUT') return error.problems
    throw error
  }
}

export const namesOf = (problems: readonly Problem[]): string[] => problems.map(({ name }) => name)

export const VERBS: readonly Verb[] = ['scan', 'plan', 'doctor', 'judge', 'report', 'cleanup', 'vendor', 'profiles']

const readFrom =
  (files: Inputs) =>
  (path: string): string => {
    const text = files[path]
    if (text === undefined) throw new Error('no such file')
    return text
  }
