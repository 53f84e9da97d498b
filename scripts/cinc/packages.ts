// What CINC's servers say of a version of CINC Auditor, held against what they give.
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { CincCatalog, CincPackage } from '../../src/auditor/cinc/catalog.ts'
import { dataOf } from '../../src/auditor/cinc/package.ts'
import { messageOf } from '../../src/kernel/error.ts'
import { FETCHING } from '../../src/kernel/fetching.ts'
import { download } from '../../src/process/download.ts'

export interface Servers {
  /** Answers which package there is for a platform: https://omnitruck.cinc.sh */
  readonly service: string
  /** Holds the packages of all versions, with a slash at its end. */
  readonly from: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly say: (text: string) => void
}

/** As Node names an architecture, as the service does, and as Debian does. */
const ARCHITECTURES = [
  ['x64', 'x86_64', 'amd64'],
  ['arm64', 'aarch64', 'arm64']
] as const
type Architecture = (typeof ARCHITECTURES)[number]

/** Systems that packages are built for, with the C library of each. The oldest comes first: its package runs on all that are newer. */
const SYSTEMS = [
  ['debian', '11', '2.31'],
  ['ubuntu', '20.04', '2.31'],
  ['ubuntu', '22.04', '2.35'],
  ['debian', '12', '2.36'],
  ['ubuntu', '24.04', '2.39'],
  ['debian', '13', '2.41']
] as const
type System = (typeof SYSTEMS)[number]

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const Answer = z.looseObject({ url: z.string(), sha256: Sha256, version: z.string() })
const Beside = z.looseObject({ sha256: Sha256 })

const ANSWER_MS = 60_000
const DOWNLOAD_MS = 30 * 60_000
const MOST_BYTES = 256 * 1024 * 1024
const MOST_ANSWER = 1024 * 1024

/** The catalog of a version. Throws an Error with everything that is wrong, of each architecture. */
export const cincCatalogOf = async (version: string, servers: Servers): Promise<CincCatalog> => {
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`the version: expected three numbers such as 7.0.107, got ${version}`)
  const found: [string, CincPackage][] = []
  const problems: string[] = []
  for (const architecture of ARCHITECTURES) {
    const name = `linux-${architecture[0]}`
    try {
      found.push([name, await packageOf(version, architecture, servers)])
    } catch (error) {
      problems.push(`${name}: ${messageOf(error)}`)
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'))
  return { version, from: servers.from, packages: Object.fromEntries(found) }
}

const packageOf = async (version: string, architecture: Architecture, servers: Servers): Promise<CincPackage> => {
  for (const system of SYSTEMS) {
    const answer = await metadataOf(version, architecture, { system, servers })
    if (answer === undefined) continue
    const path = pathOf(answer, version, architecture, { system, servers })
    return await verified(path, answer.sha256, { system, servers })
  }
  throw new Error(`expected a package of ${version} for one of ${SYSTEMS.map(([name, of]) => `${name} ${of}`).join(', ')}; the service knows none`)
}

interface Place {
  readonly system: System
  readonly servers: Servers
}

/** Undefined where the service knows no package for the system. */
const metadataOf = async (version: string, [, machine]: Architecture, { system: [name, of], servers }: Place): Promise<z.infer<typeof Answer> | undefined> => {
  const query = new URLSearchParams({ p: name, pv: of, m: machine, v: version })
  return await json(`${servers.service}/stable/cinc-auditor/metadata?${query.toString()}`, Answer)
}

/** Of the package behind `from`. What else the service says is refused: another host, another version, another file. */
const pathOf = ({ url, version: got }: z.infer<typeof Answer>, version: string, [, , debian]: Architecture, { system: [name, of], servers }: Place): string => {
  const expected = `${version}/${name}/${of}/cinc-auditor_${version}-1_${debian}.deb`
  if (got !== version) throw new Error(`the service: expected version ${version}, got ${got}`)
  if (url !== servers.from + expected) throw new Error(`the service: expected the package ${servers.from}${expected}, got ${url}`)
  return expected
}

/** The digest of the service, the one beside the package, and that of the bytes are one. */
const verified = async (path: string, sha256: string, { system: [, , glibc], servers: { from, env, say } }: Place): Promise<CincPackage> => {
  const beside = await json(`${from}${path}.metadata.json`, Beside)
  if (beside?.sha256 !== sha256)
    throw new Error(`${path}.metadata.json: expected SHA-256 ${sha256}, as the service says, got ${beside?.sha256 ?? 'no such file'}`)
  say(`downloading ${path}`)
  const onBytes = (bytes: number): void => say(`  ${Math.round(bytes / 1e6)} MB`)
  const signal = new AbortController().signal
  const bytes = await download({ url: from + path, sha256, mostBytes: MOST_BYTES, timeout: DOWNLOAD_MS, signal, env, fetching: FETCHING, onBytes })
  dataOf(bytes)
  say(`${path}: ${bytes.length} bytes, SHA-256 ${createHash('sha256').update(bytes).digest('hex')}`)
  return { path, bytes: bytes.length, sha256, glibc }
}

/** Undefined for 404. A redirection is refused: the answer names what is trusted. */
const json = async <T>(url: string, shape: z.ZodType<T>): Promise<T | undefined> => {
  const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS), headers: { accept: 'application/json' } })
  const { pathname } = new URL(url)
  if (answer.status === 404) {
    await answer.body?.cancel()
    return undefined
  }
  if (answer.status !== 200) throw new Error(`${pathname}: expected an answer, got status ${answer.status}`)
  const text = await answer.text()
  if (text.length > MOST_ANSWER) throw new Error(`${pathname}: expected a few lines, got ${text.length} characters`)
  try {
    return shape.parse(JSON.parse(text))
  } catch {
    throw new Error(`${pathname}: expected JSON with url, sha256 and version, got ${JSON.stringify(text.slice(0, 80))}`)
  }
}
