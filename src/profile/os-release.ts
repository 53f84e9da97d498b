import type { CatalogEntry } from './catalog.ts'

/** What /etc/os-release says of a system. */
export interface OsRelease {
  readonly id: string
  readonly like: readonly string[]
  readonly version: string
  readonly name: string
}

const LINE = /^([A-Z][A-Z0-9_]*)=(.*)$/

/** Reads such a file as data: nothing in it is executed. Throws an Error for one without an ID. */
export const parseOsRelease = (text: string): OsRelease => {
  const values = new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const [, key, value = ''] = LINE.exec(line.trim()) ?? []
      return key === undefined ? [] : [[key, unquoted(value)] as const]
    })
  )
  const id = values.get('ID') ?? ''
  if (!/^[a-z0-9._-]+$/.test(id)) throw new Error('it has no line ID=NAME')
  const version = values.get('VERSION_ID') ?? ''
  return { id, version, like: (values.get('ID_LIKE') ?? '').split(/\s+/).filter((word) => word !== ''), name: values.get('PRETTY_NAME') ?? `${id} ${version}` }
}

const unquoted = (value: string): string => {
  const [, quote = '', inner = value] = /^(["'])(.*)\1$/.exec(value) ?? []
  return quote === "'" ? inner : inner.replace(/\\(["$`\\])/g, '$1')
}

/** `yes`: it is for this system; `program`: for a program, whatever the system is; `no`: for another one. */
export const fits = ({ systems }: Pick<CatalogEntry, 'systems'>, release: OsRelease): 'yes' | 'program' | 'no' => {
  if (systems.length === 0) return 'program'
  return systems.some(({ id, version }) => id === 'linux' || (id === release.id && isOf(release.version, version))) ? 'yes' : 'no'
}

/** 9.4 is of 9, 22.04 of 22.04, and 9 not of 9.4. */
const isOf = (version: string, wanted: string): boolean => wanted === '' || version === wanted || version.startsWith(`${wanted}.`)
