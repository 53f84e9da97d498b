import type { Problem } from '../kernel/error.ts'
import type { Input, Verb } from './input.ts'
import { nearest } from '../kernel/nearest.ts'
import { INPUTS, inputsOf, variableOf } from './inputs.ts'

/** A raw input and where it came from. */
export interface Raw {
  readonly value: string
  readonly origin: 'flag' | 'input' | 'environment' | 'config file'
  /** Where in a config file: `kscan.yaml, line 3`. */
  readonly place?: string
}

export type RawInputs = ReadonlyMap<string, Raw>

const RANK = { flag: 0, input: 1, environment: 2, 'config file': 3 } as const

/** Whoever says one of these says what is scanned: what a config file says of the others is meant for the runs that do not. */
const TARGETS = ['pod', 'workload', 'selector', 'select', 'target-image']

/** One value for each name: a flag goes before an input, an input before the environment, the environment before a config file. */
export const mergeRaw = (...sources: readonly RawInputs[]): Map<string, Raw> => {
  const merged = new Map<string, Raw>()
  for (const [name, raw] of sources.flatMap((source) => Array.from(source))) {
    const known = merged.get(name)
    if (known === undefined || RANK[raw.origin] < RANK[known.origin]) merged.set(name, raw)
  }
  return withOneCluster(withOneTarget(merged))
}

const withOneTarget = (merged: Map<string, Raw>): Map<string, Raw> => {
  const ofFile = TARGETS.filter((name) => merged.get(name)?.origin === 'config file')
  if (TARGETS.every((name) => !merged.has(name) || ofFile.includes(name))) return merged
  for (const name of ofFile) merged.delete(name)
  return merged
}

/** A cluster that is made for the run has no context: what a config file says of the one is meant for runs that do not name the other. */
const withOneCluster = (merged: Map<string, Raw>): Map<string, Raw> => {
  for (const name of passedOver(merged)) if (!isElsewhere(merged, name)) merged.delete(name)
  return merged
}

const EXISTING = ['context', 'kubeconfig']

/** The job signs in itself, at a server that is named: no context is meant. */
const isOfJob = (merged: RawInputs): boolean => !['', 'kubeconfig'].includes(merged.get('identity')?.value.trim() ?? '')

const passedOver = (merged: RawInputs): readonly string[] => {
  if (isOfJob(merged)) return [...EXISTING, 'cluster']
  if (merged.get('cluster')?.value.trim() !== 'kind') return []
  if (isElsewhere(merged, 'cluster')) return EXISTING
  return EXISTING.some((name) => isElsewhere(merged, name)) ? ['cluster'] : []
}

/** It is given, and not by the config file. */
const isElsewhere = (merged: RawInputs, name: string): boolean => merged.has(name) && merged.get(name)?.origin !== 'config file'

/** Names that no input has. Of inputs and environment only those that look like a slip of the pen: others may be meant for someone else. */
export const unknownNames = (raw: RawInputs, verb: Verb): Problem[] => {
  const known = inputsOf(verb).map(({ name }) => name)
  return [...raw].flatMap(([name, { origin }]) => {
    if (known.includes(name)) return []
    const meant = meantName(name, known, origin === 'flag' ? SLIPS : Math.min(SLIPS, Math.floor(name.length / 3)))
    if (origin !== 'flag' && (meant === undefined || INPUTS.some((input) => input.name === name))) return []
    return [{ name, expected: 'the name of an input', got: `${name} (${origin})`, ...(meant === undefined ? {} : { hint: `Did you mean ${meant}?` }) }]
  })
}

/** Secrets among the arguments, which every process of this machine can read. */
export const secretFlags = (raw: RawInputs): Problem[] =>
  INPUTS.filter((input: Input) => input.secret === true && raw.get(input.name)?.origin === 'flag').map(({ name }) => ({
    name,
    expected: 'no secret on the command line, where every process of this machine can read it',
    got: `--${name}`,
    hint: `Give it as ${variableOf(name)} in the environment${INPUTS.some((input) => input.name === `${name}-file`) ? `, or in a file with --${name}-file` : ''}.`
  }))

/** The input that a name was probably to be: it may lack the end that says that a file is meant. */
export const meantName = (name: string, known: readonly string[], slips: number): string | undefined =>
  known.find((input) => input === `${name}-file`) ?? nearest(name, known, slips)

/** Letters by which a name may differ from the one that was meant; of three letters two would be another word. */
export const SLIPS = 2
