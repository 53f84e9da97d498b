import type { Problem } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { isConstraint, satisfies } from './constraint.ts'
import { codeOf } from './environment.ts'
import type { DeclaredInput, Depend, Metadata } from './metadata.ts'

/** A profile of the run, or one that it includes, for what is looked at before anything is started. */
export interface Checked {
  /** The names that lead to it. */
  readonly way: string
  readonly metadata: Metadata
  readonly folder: string
}

/** Profiles whose `inspec_version` does not allow an auditor of this version. */
export const runtimeProblems = (profiles: readonly Checked[], auditor: string): Problem[] =>
  profiles.flatMap(({ way, metadata: { inspecVersion } }) => {
    if (inspecVersion.length === 0) return []
    const bad = inspecVersion.find((text) => !isConstraint(text))
    if (bad !== undefined) return [{ name: 'profile', expected: 'an inspec_version like >= 5.0 or ~> 6.2', got: printableLine(`${bad} (${way})`) }]
    if (satisfies(auditor, inspecVersion)) return []
    return [
      {
        name: 'profile',
        expected: `profiles for auditor ${auditor}`,
        got: printableLine(`${way}, whose inspec_version is ${inspecVersion.join(', ')}`),
        hint: 'The inputs auditor and auditor-version choose another one: cinc is CINC Auditor 7.'
      }
    ]
  })

const PLATFORM_KEYS = new Set(['os-family', 'platform-family', 'os', 'platform', 'os-name', 'platform-name', 'release'])
/** What no container of Linux is. */
const ELSEWHERE =
  /^(?:windows.*|mswin|aws|azure|azurerm|gcp|google|vmware|esx.*|k8s|kubernetes|alicloud|oci|digitalocean|aix|hpux|solaris.*|smartos|sun.*|bsd|freebsd|openbsd|netbsd|darwin|mac_os.*|macos.*|ios.*|cisco.*|nexus|brocade|junos.*|fabric_os|cloudfoundry|api|iaas|cloud|k8s-.*)$/i

/** Why a profile fits no container, whichever it is; undefined where it may fit one. */
export const unsupported = ({ supports }: Metadata): string | undefined => {
  if (supports.length === 0 || !supports.every(isElsewhere)) return undefined
  return supports.map((entry) => [...entry].map(([key, values]) => `${key}: ${values.join(' ')}`).join(' ')).join(', ')
}

const isElsewhere = (entry: Depend): boolean =>
  [...entry].some(([key, values]) => {
    const name = key.replaceAll('_', '-')
    return PLATFORM_KEYS.has(name) && name !== 'release' && values.some((value) => ELSEWHERE.test(value))
  })

/** Values that the user gives to inputs: of which file or text, by name. */
export interface GivenInputs {
  readonly source: string
  readonly values: ReadonlyMap<string, unknown>
}

/** Inputs that a profile requires and nobody gives a value, and values that are not of the declared type. */
export const inputProblems = (profiles: readonly Checked[], given: readonly GivenInputs[]): Problem[] => [
  ...profiles.flatMap((profile) => profile.metadata.inputs.filter(isOwn(profile)).flatMap((input) => missing(input, profile, { profiles, given }))),
  ...profiles.flatMap((profile) => profile.metadata.inputs.filter(isOwn(profile)).flatMap((input) => mistyped(input, profile, { profiles, given })))
]

const isOwn =
  ({ metadata: { name } }: Checked) =>
  ({ profile }: DeclaredInput): boolean =>
    profile === undefined || profile === name

interface All {
  readonly profiles: readonly Checked[]
  readonly given: readonly GivenInputs[]
}

const missing = (input: DeclaredInput, profile: Checked, all: All): Problem[] => {
  if (!input.required || input.hasValue || valuesOf(input, profile, all).length > 0 || isSetInCode(input.name, profile, all)) return []
  return [
    {
      name: 'profile-inputs',
      expected: `a value for ${input.name}, which the profile ${printableLine(profile.way)} requires`,
      got: 'none',
      hint: `For example: profile-inputs: '${printableLine(input.name)}: …', or a file with profile-inputs-file.`
    }
  ]
}

/** What another profile, or the user, gives it. */
const valuesOf = ({ name }: DeclaredInput, { metadata }: Checked, { profiles, given }: All): { source: string; value: unknown }[] => [
  ...profiles.flatMap(({ way, metadata: { inputs } }) =>
    inputs.filter((each) => each.name === name && each.hasValue && each.profile === metadata.name).map(({ value }) => ({ source: way, value }))
  ),
  ...given.flatMap(({ source, values }) => (values.has(name) ? [{ source, value: values.get(name) }] : []))
]

/** By `input('name', value: …)` in the code of a profile. */
const isSetInCode = (name: string, profile: Checked, { profiles }: All): boolean => {
  const code = new RegExp(`\\b(?:input|attribute)\\(?\\s*['":]+${name.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}['"]?\\s*,[^\\n]*\\b(?:value|default)\\b`)
  return [profile, ...profiles].some(({ folder }) => codeOf(folder).some((text) => code.test(text)))
}

const mistyped = (input: DeclaredInput, profile: Checked, all: All): Problem[] => {
  const { type } = input
  if (type === undefined) return []
  const known = TYPES.get(normal(type))
  if (known === undefined)
    return [{ name: 'profile', expected: `inputs of the types ${[...TYPES.keys()].join(', ')}`, got: printableLine(`${input.name}: ${type} (${profile.way})`) }]
  const own = input.hasValue ? [{ source: `the inspec.yml of ${profile.way}`, value: input.value }] : []
  return [...own, ...valuesOf(input, profile, all)].flatMap(({ source, value }) => {
    if (value === null || known(value)) return []
    const problem = {
      name: own.some((each) => each.source === source) ? 'profile' : 'profile-inputs',
      expected: `${input.name} of type ${normal(type)}, as the profile ${printableLine(profile.way)} declares it`
    }
    return [{ ...problem, got: printableLine(`${kindOf(value)} (${source})`) }]
  })
}

const SHORT: Readonly<Record<string, string>> = { Num: 'Numeric', Regex: 'Regexp' }

const normal = (type: string): string => {
  const word = type.charAt(0).toUpperCase() + type.slice(1).toLowerCase()
  return SHORT[word] ?? word
}

const isExpression = (value: unknown): boolean => {
  try {
    return new RegExp(String(value).replace(/\(\?[imx-]*:?|\\[AzZh]/g, '(?:')).source !== ''
  } catch {
    return typeof value === 'string' // Ruby knows more than we do
  }
}

/** As the auditor looks at values. */
const TYPES: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['String', (value) => typeof value === 'string'],
  ['Numeric', (value) => typeof value === 'number' || (typeof value === 'string' && /^\s*[+-]?\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?\s*$/i.test(value))],
  ['Regexp', isExpression],
  ['Array', (value) => Array.isArray(value)],
  ['Hash', (value) => typeof value === 'object' && value !== null && !Array.isArray(value)],
  ['Boolean', (value) => typeof value === 'boolean'],
  ['Any', () => true]
])

/** What came, without saying it: it may be a secret. */
const kindOf = (value: unknown): string => {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  if (typeof value === 'string') return 'a text'
  return typeof value === 'number' ? 'a number' : 'true or false'
}
