/** A version as numbers, with what follows a hyphen. */
interface Version {
  readonly numbers: readonly number[]
  readonly pre: string
}

const VERSION = /^(\d{1,9}(?:\.\d{1,9})*)(?:[-.]([0-9A-Za-z][0-9A-Za-z.-]*))?(?:\+[0-9A-Za-z.-]+)?$/
const CONSTRAINT = /^\s*(=|!=|>=|<=|>|<|~>)?\s*(\S+)\s*$/

const versionOf = (text: string): Version | undefined => {
  const match = VERSION.exec(text)
  return match === null ? undefined : { numbers: (match[1] ?? '').split('.').map(Number), pre: match[2] ?? '' }
}

/** Whether a constraint such as `~> 2.1` or `>= 4.0` can be read. */
export const isConstraint = (text: string): boolean => partsOf(text) !== undefined

const partsOf = (text: string): { operator: string; version: Version } | undefined => {
  const [, operator = '=', word = ''] = CONSTRAINT.exec(text) ?? []
  const version = versionOf(word)
  return version === undefined ? undefined : { operator, version }
}

/** Whether a version meets all constraints. False also where one of them, or the version, cannot be read. */
export const satisfies = (version: string, constraints: readonly string[]): boolean => {
  const given = versionOf(version)
  return constraints.every((text) => {
    const constraint = partsOf(text)
    return given !== undefined && constraint !== undefined && holds(given, constraint)
  })
}

const holds = (given: Version, { operator, version }: { operator: string; version: Version }): boolean => {
  const order = compare(given, version)
  switch (operator) {
    case '=':
      return order === 0
    case '!=':
      return order !== 0
    case '>':
      return order > 0
    case '<':
      return order < 0
    case '>=':
      return order >= 0
    case '<=':
      return order <= 0
    default:
      return order >= 0 && compare(given, { numbers: bumped(version.numbers), pre: '' }) < 0
  }
}

/** What `~>` does not reach any more: 2.1 → 3, 2.1.4 → 2.2. */
const bumped = (numbers: readonly number[]): number[] => {
  const kept = numbers.length > 1 ? numbers.slice(0, -1) : [...numbers]
  return kept.map((number, index) => (index === kept.length - 1 ? number + 1 : number))
}

const compare = (one: Version, other: Version): number => {
  for (let index = 0; index < Math.max(one.numbers.length, other.numbers.length); index += 1) {
    const order = (one.numbers[index] ?? 0) - (other.numbers[index] ?? 0)
    if (order !== 0) return order
  }
  return comparePre(one.pre, other.pre)
}

/** What is before a release is older than it. */
const comparePre = (one: string, other: string): number => {
  if (one === other) return 0
  if (one === '' || other === '') return one === '' ? 1 : -1
  const [left, right] = [one.split('.'), other.split('.')]
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const order = compareWord(left[index], right[index])
    if (order !== 0) return order
  }
  return 0
}

const compareWord = (one: string | undefined, other: string | undefined): number => {
  if (one === undefined || other === undefined) return one === other ? 0 : one === undefined ? -1 : 1
  const [left, right] = [one, other].map((word) => (/^\d+$/.test(word) ? Number(word) : Number.NaN))
  if (!Number.isNaN(left) && !Number.isNaN(right)) return (left ?? 0) - (right ?? 0)
  return one === other ? 0 : one < other ? -1 : 1
}
