import { compareVersions } from '../../kernel/version.ts'
import { isWanted } from '../program.ts'
import shipped from './catalog.json' with { type: 'json' }

/** A package of CINC Auditor: a Debian archive, of which nothing but the files is used. */
export interface CincPackage {
  /** Behind the catalog's `from`. */
  readonly path: string
  /** Size of the file: more is not fetched. Missing where nobody has seen the whole file yet. */
  readonly bytes?: number
  /** Hexadecimal: other bytes are refused. */
  readonly sha256: string
  /** The oldest C library that its programs run with, as `2.39`. */
  readonly glibc: string
}

/** The one version whose digests kscan knows, by platform as Node names it: `linux-x64`. Written by scripts/cinc-catalog.ts. */
export interface CincCatalog {
  readonly version: string
  readonly from: string
  readonly packages: Readonly<Record<string, CincPackage>>
}

export const CINC_CATALOG: CincCatalog = shipped

/** This machine, as far as it matters for a package. */
export interface Machine {
  readonly platform: string
  readonly arch: string
  /** Undefined where there is another C library, such as musl. */
  readonly glibc: string | undefined
}

export const thisMachine = (): Machine => {
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } }
  return { platform: process.platform, arch: process.arch, glibc: report.header?.glibcVersionRuntime }
}

/** The package for this machine, or why there is none. */
export const packageFor = (catalog: CincCatalog, machine: Machine, wanted: string | undefined): CincPackage | string => {
  if (!isWanted(catalog.version, wanted)) return `kscan knows the digest of version ${catalog.version} only, and auditor-version asks for ${wanted}`
  const name = `${machine.platform}-${machine.arch}`
  const found = Object.hasOwn(catalog.packages, name) ? catalog.packages[name] : undefined
  if (found === undefined) return `kscan knows no package for ${name}`
  if (machine.glibc === undefined) return `its programs need glibc ${found.glibc}, and this machine has another C library`
  return compareVersions(machine.glibc, found.glibc) < 0 ? `its programs need glibc ${found.glibc}, and this machine has ${machine.glibc}` : found
}
