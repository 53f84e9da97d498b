import { FACT_NAMES, FACTS, type FactName, type Facts } from './facts.ts'
import { catalog, type Requirement, type Rule, type Status, type Wanted } from './requirement.ts'

/** How a requirement stands, by what a run observed of itself. */
export interface Assessed {
  readonly requirement: Requirement
  readonly status: Status
  readonly because: string
}

/**
 * Compares what a run observed with each requirement. Pure. A fact that was not observed decides nothing: where a worse rule might hold but for it, nothing better is
 * said, so that what was not seen is never met.
 */
export const assess = (facts: Facts, requirements: readonly Requirement[] = catalog().requirements): Assessed[] =>
  requirements.map((requirement) => ({ requirement, ...statusOf(requirement, facts) }))

const statusOf = ({ rules, otherwise }: Requirement, facts: Facts): { status: Status; because: string } => {
  const missing = new Set<FactName>()
  let worse = 0 // rules that might hold
  for (const rule of rules) {
    const held = holds(rule, facts)
    if (held === true && (rule.status !== 'met' || worse === 0)) return { status: rule.status, because: rule.because }
    if (held !== undefined) continue
    if (rule.status !== 'met') worse += 1
    for (const name of unknownOf(rule, facts)) missing.add(name)
  }
  return {
    status: 'not-assessed',
    because: missing.size === 0 ? otherwise : `The run did not observe ${listed([...missing].map((name) => FACTS[name].text))}.`
  }
}

/** Undefined: it depends on what was not observed. */
const holds = ({ when }: Rule, facts: Facts): boolean | undefined => {
  const answers = new Set(conditionsOf(when).map(([name, wanted]) => isSo(facts[name], wanted)))
  if (answers.has(false)) return false
  return answers.has(undefined) ? undefined : true
}

const conditionsOf = (when: Rule['when']): [FactName, Wanted][] =>
  FACT_NAMES.flatMap((name) => {
    const wanted = when[name]
    return wanted === undefined ? [] : [[name, wanted]]
  })

const unknownOf = ({ when }: Rule, facts: Facts): FactName[] => conditionsOf(when).flatMap(([name]) => (facts[name] === undefined ? [name] : []))

const isSo = (value: string | number | undefined, wanted: Wanted): boolean | undefined => {
  if (value === undefined) return undefined
  if (typeof wanted === 'string') return value === wanted
  if ('atMost' in wanted) return typeof value === 'number' ? value <= wanted.atMost : undefined
  if ('moreThan' in wanted) return typeof value === 'number' ? value > wanted.moreThan : undefined
  return typeof value === 'string' && wanted.includes(value)
}

const listed = (texts: readonly string[]): string => (texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`)
