/** What people take for the auditor's JSON, by what only that has; and what to give in its place. */
const KINDS: readonly (readonly [tells: (value: Readonly<Record<string, unknown>>) => boolean, what: string, instead: string])[] = [
  [({ schema }) => typeof schema === 'string' && schema.startsWith('kscan-run-'), "it is kscan's record of a run", 'The results are beside it: hdf/*.json.'],
  [({ error }) => isObject(error) && 'exitCode' in error, 'it is what kscan prints of a run without results', 'There are no results of that run.'],
  [({ baselines }) => Array.isArray(baselines), 'it is HDF of version 3, which kscan does not read', "Give the auditor's own JSON, from which it was made."],
  [({ runs, version }) => Array.isArray(runs) && typeof version === 'string', 'it is SARIF', 'Give the HDF from which it was made: hdf/*.json.'],
  [({ stigs }) => Array.isArray(stigs), 'it is a checklist (CKLB)', 'Give the HDF from which it was made: hdf/*.json.'],
  [
    ({ controls, profiles }) => Array.isArray(controls) && profiles === undefined,
    'it has controls and no profiles: a profile, or the short form of a report (json-min)',
    'Give a report of --reporter json.'
  ]
]

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a JSON value is in place of an auditor's report; undefined where that cannot be told. */
export const foreignJson = (value: unknown): { readonly what: string; readonly instead: string } | undefined => {
  if (!isObject(value)) return { what: `it is ${Array.isArray(value) ? 'a list' : 'no object'}`, instead: '' }
  const [, what, instead] = KINDS.find(([tells]) => tells(value)) ?? []
  return what === undefined || instead === undefined ? undefined : { what, instead }
}

const MARKS = [
  [[0xff, 0xfe], 'UTF-16LE'],
  [[0xfe, 0xff], 'UTF-16BE']
] as const

/** The encoding of a text that is no UTF-8, as the first bytes tell it: PowerShell writes such files. */
export const utf16 = (bytes: Uint8Array): string | undefined => {
  const marked = MARKS.find(([mark]) => mark.every((byte, index) => bytes[index] === byte))?.[1]
  if (marked !== undefined) return marked
  if (bytes.length < 4 || (bytes[0] !== 0 && bytes[1] !== 0)) return undefined
  return bytes[0] === 0 ? 'UTF-16BE' : 'UTF-16LE'
}
