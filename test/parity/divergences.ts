import { type Control, type Hdf, profile, result } from './hdf.ts'
import { type Bounds, ENFORCED, type Entry, partsOf, READ_PAST } from './threshold-text.ts'
import { cellOf, complianceOf, countedOf, isError, isUnmet, rootsOf, severityOf, treesOf, viewOf } from './view.ts'

export interface Case {
  readonly hdf: Hdf
  readonly bounds: Bounds
}

/**
 * Where kscan may say otherwise than SAF, and nothing else. `holds` says whether a case has the trait. `settle` writes the case so that the trait is gone: then
 * both must agree, which shows that this trait, and no other, was the reason. Without `settle`, kscan refuses the threshold or the file as a whole.
 */
export interface Divergence {
  readonly name: string
  readonly holds: (one: Case) => boolean
  readonly settle?: (one: Case) => Case
}

const some = (hdf: Hdf, test: (control: Control) => boolean): boolean => hdf.profiles.some(({ controls }) => controls.some(test))

const rewrite = (one: Case, change: (control: Control) => Control): Case => ({
  ...one,
  hdf: { profiles: one.hdf.profiles.map((each) => ({ ...each, controls: each.controls.map(change) })) }
})

const keep = (one: Case, test: (entry: Entry) => boolean): Case => ({ ...one, bounds: one.bounds.filter(test) })

const KNOWN = new Set([...ENFORCED, ...READ_PAST])

/** 1: an unknown key, a wrong type, nothing at all. */
const notUnderstood = ({ bounds }: Case): boolean => bounds.length === 0 || bounds.some((entry) => !KNOWN.has(entry.key) || !typed(entry))

const typed = ({ key, value }: Entry): boolean => {
  const { status, kind } = partsOf(key)
  if (kind === 'controls') return Array.isArray(value)
  return typeof value === 'number' && (status === 'compliance' ? value <= 100 : Number.isInteger(value))
}

/** 2: bounds that SAF reads past. */
const readPast = ({ key, value }: Entry): boolean => READ_PAST.includes(key) || (key === 'compliance.max' && value === 0)

/** 3: the rounded compliance meets a bound that the real one does not, or the other way about. */
const roundedAway =
  (percent: number) =>
  ({ key, value }: Entry): boolean => {
    const meets = (actual: number): boolean => (key === 'compliance.min' ? actual >= Number(value) : actual <= Number(value))
    return key.startsWith('compliance.') && meets(percent) !== meets(Math.round(percent))
  }

/** 4: more than one tree or chain, one whose outermost profile is not the first, or a control that is not simply handed up to it, once. */
const notOneChain = ({ hdf }: Case): boolean => {
  const [tree = [], ...others] = treesOf(hdf)
  if (others.length > 0 || (tree[0] !== undefined && tree[0] !== hdf.profiles[0])) return true
  if (tree.some(({ name }) => tree.filter(({ parent_profile: parent }) => parent === name).length > 1)) return true
  const ids = new Set(tree.flatMap(({ controls }) => controls.map(({ id }) => id)))
  return [...ids].some((id) => {
    const layers = tree.map(({ controls }) => controls.filter((one) => one.id === id))
    const depth = layers.filter((copies) => copies.length > 0).length
    const handedUp = layers.slice(0, depth).every((copies) => copies.length === 1)
    return !handedUp || layers.slice(0, depth - 1).some(([copy]) => (copy?.results.length ?? 0) > 0)
  })
}

/** All that counts in one profile; an id of two trees gets a name of its own in the second. */
const inOneProfile = (one: Case): Case => {
  const used = new Set<string>()
  const controls = treesOf(one.hdf)
    .flatMap(countedOf)
    .map((control) => {
      const id = used.has(control.id) ? `${control.id}~${used.size}` : control.id
      used.add(id)
      return { ...control, id }
    })
  return { ...one, hdf: { profiles: [profile('all', controls)] } }
}

/** 4: a profile did not run, none did, or no control was judged. kscan says unjudged, whatever the bounds say. */
export const unjudged = ({ hdf }: Case): boolean =>
  hdf.profiles.length === 0 ||
  hdf.profiles.some(({ status = 'loaded', depends = [] }) => status !== 'loaded' || depends.some((each) => each['status'] !== 'loaded')) ||
  rootsOf(hdf).some((root) => root.controls.length === 0) ||
  viewOf(hdf).every(({ status }) => status !== 'passed' && status !== 'failed')

const NAMES: ReadonlySet<unknown> = new Set(['none', 'low', 'medium', 'high', 'critical'])

/** 5: a severity that SAF drops (capitals), does not know (CAT I, spaces), or breaks at (not a text). */
const oddSeverity = ({ tags }: Control): boolean =>
  [tags['severityoverride'], tags['severity']].some((tag) => {
    if (tag === undefined || tag === null) return false
    if (typeof tag !== 'string') return true
    const plain = tag.trim().toLowerCase()
    return (NAMES.has(plain) || /^cat i{1,3}$/.test(plain)) && !NAMES.has(tag)
  })

/** 9: what contradicts itself. */
const contradicts = ({ bounds }: Case): boolean => {
  const numbers = new Map(bounds.map(({ key, value }) => [key, Number(value)]))
  const crossed = bounds.some(({ key, value }) => key.endsWith('.min') && Number(value) > (numbers.get(key.replace(/min$/, 'max')) ?? Infinity))
  const twice = bounds.some(({ value }) => Array.isArray(value) && new Set(value).size < value.length)
  return crossed || twice || numbers.size < bounds.length || bounds.some(({ value }) => typeof value === 'number' && value < 0)
}

/** 10: no control at all is asked for, and there is none: SAF compares the length with that of a list that it does not have. */
const emptyList =
  ({ hdf }: Case) =>
  ({ key, value }: Entry): boolean => {
    const { status, cell } = partsOf(key)
    return Array.isArray(value) && value.length === 0 && cellOf(viewOf(hdf), status, cell) === 0
  }

export const DIVERGENCES: readonly Divergence[] = [
  { name: '1 not understood', holds: notUnderstood },
  { name: '2 bounds that SAF reads past', holds: ({ bounds }) => bounds.some(readPast), settle: (one) => keep(one, (entry) => !readPast(entry)) },
  {
    name: '3 compliance unrounded',
    holds: ({ hdf, bounds }) => bounds.some(roundedAway(complianceOf(viewOf(hdf)))),
    settle: (one) => keep(one, (entry) => !roundedAway(complianceOf(viewOf(one.hdf)))(entry))
  },
  { name: '4 all profiles', holds: notOneChain, settle: inOneProfile },
  { name: '4 unjudged run', holds: unjudged, settle: (one) => (one.hdf.profiles.length === 0 ? { ...one, hdf: { profiles: [profile('none', [])] } } : one) },
  {
    name: '5 severity in any letters',
    holds: ({ hdf }) => some(hdf, oddSeverity),
    settle: (one) => rewrite(one, (control) => ({ ...control, tags: { severity: severityOf(control) } }))
  },
  {
    name: '6 only_applicable_if',
    holds: ({ hdf }) => some(hdf, (control) => isUnmet(control) && control.results.some(isError)),
    settle: (one) => rewrite(one, (control) => (isUnmet(control) ? { ...control, results: [result('skipped')] } : control))
  },
  { name: '9 contradicts itself', holds: contradicts },
  { name: '10 empty list', holds: (one) => one.bounds.some(emptyList(one)), settle: (one) => keep(one, (entry) => !emptyList(one)(entry)) }
]

export const holding = (one: Case): Divergence[] => DIVERGENCES.filter(({ holds }) => holds(one))

/** The case without any of the traits that it has. A threshold of which nothing is left asks for something that always holds. */
export const settled = (one: Case): Case => {
  const rest = holding(one).reduce((left, { settle }) => settle?.(left) ?? left, one)
  return rest.bounds.length > 0 ? rest : { ...rest, bounds: [{ key: 'passed.total.min', value: 0 }] }
}
