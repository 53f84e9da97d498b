/** A label selector as a test on labels; undefined when it cannot be parsed. */
export const parseSelector = (text: string): ((labels: Readonly<Record<string, string>>) => boolean) | undefined => {
  const tests = splitOutside(text).map(parseRequirement)
  if (tests.some((test) => test === undefined)) return undefined
  return (labels) => tests.every((test) => test?.(labels) === true)
}

type Test = (labels: Readonly<Record<string, string>>) => boolean

const NAME = '[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?'
const EXISTS = new RegExp(`^(!?)\\s*(${NAME})$`)
const EQUALS = new RegExp(`^(${NAME})\\s*(=|==|!=)\\s*([-A-Za-z0-9_.]*)$`)
const SET = new RegExp(`^(${NAME})\\s+(in|notin)\\s*\\(([-A-Za-z0-9_.,\\s]*)\\)$`)

const parseRequirement = (text: string): Test | undefined => {
  const [, not, present = ''] = EXISTS.exec(text) ?? []
  if (not !== undefined) return (labels) => Object.hasOwn(labels, present) === (not === '')
  const [, key = '', operator, value] = EQUALS.exec(text) ?? []
  if (operator !== undefined) return (labels) => (labels[key] === value) === (operator !== '!=')
  const [, field = '', word, list = ''] = SET.exec(text) ?? []
  if (word === undefined) return undefined
  const values = new Set(list.split(',').map((one) => one.trim()))
  // as the server has it: an absent label satisfies `notin`
  return (labels) => values.has(labels[field] ?? ABSENT) === (word === 'in')
}

/** No label's value: none may hold a space. */
const ABSENT = ' '

/** Splits at commas that stand outside of parentheses. */
const splitOutside = (text: string): string[] =>
  text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
