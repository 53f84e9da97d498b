import { badInput, messageOf, type Problem } from '../../kernel/error.ts'
import { printableLine } from '../../kernel/name.ts'
import type { Fetching } from '../../kernel/fetching.ts'
import { download } from '../../process/download.ts'
import { findOnPath } from '../../process/find.ts'
import { run } from '../../process/run.ts'
import { type Manifest, parseManifests, type Read, readManifestFile, type Source, sourcesOf } from './manifest.ts'

export interface GatherPorts {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  readonly fetching: Fetching
}

const FETCH_MS = 60_000
const BUILD_MS = 60_000
const MOST_BYTES = 4 * 1024 * 1024

/** All objects of the input `manifests`, in its order. Throws BAD_INPUT with every problem. */
export const gatherManifests = async (entries: readonly string[], ports: GatherPorts): Promise<Manifest[]> => {
  const read: Read<readonly Manifest[]>[] = []
  for (const entry of entries) read.push(...(await readEntry(entry, ports)))
  const manifests = read.flatMap((each) => ('value' in each ? each.value : []))
  const problems = [...read.flatMap((each) => ('problem' in each ? [each.problem] : [])), ...repeated(manifests)]
  if (problems.length > 0) throw badInput(problems)
  return manifests
}

const readEntry = async (entry: string, ports: GatherPorts): Promise<Read<readonly Manifest[]>[]> => {
  const sources = sourcesOf(entry)
  return 'problem' in sources ? [sources] : await Promise.all(sources.value.map((source) => readSource(source, ports)))
}

/** The second of two would take the place of the first without a word. */
const repeated = (manifests: readonly Manifest[]): Problem[] => {
  const groups = Map.groupBy(manifests, ({ object: { apiVersion, kind, metadata } }) => JSON.stringify([apiVersion, kind, metadata.namespace, metadata.name]))
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .map((group) => ({ name: 'manifests', expected: 'each object once', got: `${nameOf(group[0])} in ${group.map(({ source }) => source).join(' and ')}` }))
}

const nameOf = (manifest: Manifest | undefined): string => printableLine(`${manifest?.object.kind.toLowerCase()}/${manifest?.object.metadata.name}`, 100)

const readSource = async (source: Source, ports: GatherPorts): Promise<Read<readonly Manifest[]>> => {
  switch (source.kind) {
    case 'file':
      return readManifestFile(source.path)
    case 'url':
      return await fetchManifests(source, ports)
    case 'kustomize':
      return await buildKustomization(source.path, ports)
  }
}

const fetchManifests = async (
  { url, sha256 }: Extract<Source, { kind: 'url' }>,
  { env, signal, fetching }: GatherPorts
): Promise<Read<readonly Manifest[]>> => {
  try {
    const bytes = await download({ url, sha256, mostBytes: MOST_BYTES, timeout: FETCH_MS, signal, env, fetching })
    return parseManifests(url, bytes.toString('utf8'))
  } catch (error) {
    signal.throwIfAborted()
    return { problem: { name: 'manifests', expected: 'an address that gives what was pinned', got: printableLine(messageOf(error)) } }
  }
}

/** What Kustomize fetches by itself is pinned by nobody: it finds neither git nor a way out. */
const NO_WAY_OUT = 'http://127.0.0.1:9'
const BUILDERS = [
  ['kubectl', 'kustomize'],
  ['kustomize', 'build']
] as const

const buildKustomization = async (path: string, { env, signal }: GatherPorts): Promise<Read<readonly Manifest[]>> => {
  const problem = (expected: string, got: string, hint: string): { problem: Problem } => ({ problem: { name: 'manifests', expected, got, hint } })
  for (const [name, verb] of BUILDERS) {
    const file = await findOnPath(name, env['PATH'])
    if (file === undefined) continue
    const shut = { PATH: '/nonexistent', HOME: '/nonexistent', HTTPS_PROXY: NO_WAY_OUT, HTTP_PROXY: NO_WAY_OUT }
    const ended = await run({ file, args: [verb, path], env: shut, timeout: BUILD_MS, signal })
    signal.throwIfAborted()
    if (ended.exitCode === 0) return parseManifests(path, ended.stdout)
    const words = printableLine(ended.stderr.trim() || `${name} ended with ${ended.exitCode ?? ended.reason}`, 400)
    return problem(
      'a Kustomize folder that can be built without the network',
      `${path}: ${words}`,
      'Remote bases are not fetched: keep copies of them in the repository.'
    )
  }
  return problem('kubectl or kustomize on PATH, for a Kustomize folder', `${path}, and neither of them`, 'Or build it first: kustomize build DIR > all.yaml.')
}
