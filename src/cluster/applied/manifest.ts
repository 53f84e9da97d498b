import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments, type Tags } from 'yaml'
import { z } from 'zod'
import { messageOf, type Problem } from '../../kernel/error.ts'
import { printableLine } from '../../kernel/name.ts'
import { readText } from '../../kernel/read-file.ts'
import { isDeep } from '../../kernel/yaml.ts'

/** An object to be applied; what we do not read goes along untouched. */
export const KubeObject = z.looseObject({
  apiVersion: z.string().min(1),
  kind: z.string().min(1),
  metadata: z.looseObject({ name: z.string().min(1), namespace: z.string().optional() })
})
export type KubeObject = z.infer<typeof KubeObject>

export interface Manifest {
  /** Where it was read, for messages. */
  readonly source: string
  readonly object: KubeObject
}

/** What one entry of the input `manifests` is. */
export type Source =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'kustomize'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string; readonly sha256: string }

const MOST_BYTES = 4 * 1024 * 1024
const KUSTOMIZATIONS = new Set(['kustomization.yaml', 'kustomization.yml', 'Kustomization'])

export type Read<T> = { readonly value: T } | { readonly problem: Problem }

const wrong = (expected: string, got: string, hint?: string): { problem: Problem } => ({
  problem: { name: 'manifests', expected, got: printableLine(got, 300), ...(hint === undefined ? {} : { hint }) }
})

/** The files, Kustomize folder or address that an entry stands for. */
export const sourcesOf = (entry: string): Read<readonly Source[]> => {
  if (entry.includes('://')) {
    const [, url, sha256] = /^(https:\/\/[^\s#@?]+)#sha256=([0-9a-f]{64})$/.exec(entry) ?? []
    if (url !== undefined && sha256 !== undefined) return { value: [{ kind: 'url', url, sha256 }] }
    return wrong(
      'an address as https://HOST/FILE#sha256=DIGEST',
      entry.replace(/:\/\/[^/@]*@/, '://***@').replace(/\?[^#]*/, '?***'),
      'What an address gives may change: pin it.'
    )
  }
  try {
    if (!statSync(entry).isDirectory()) return { value: [{ kind: 'file', path: entry }] }
    const names = readdirSync(entry).toSorted()
    if (names.some((name) => KUSTOMIZATIONS.has(name))) return { value: [{ kind: 'kustomize', path: entry }] }
    const files = names.filter((name) => /\.(?:ya?ml|json)$/.test(name)).map((name): Source => ({ kind: 'file', path: join(entry, name) }))
    return files.length > 0 ? { value: files } : wrong('a folder with .yaml, .yml or .json files', `${entry}: it has none`)
  } catch (error) {
    return wrong('a file, a folder, or https://HOST/FILE#sha256=DIGEST', `${entry}: ${messageOf(error)}`)
  }
}

/** What is wrong with the entries, as far as files on this machine show it. */
export const manifestProblems = (entries: readonly string[]): Problem[] =>
  entries.flatMap((entry) => {
    const sources = sourcesOf(entry)
    if ('problem' in sources) return [sources.problem]
    return sources.value.flatMap((source) => {
      if (source.kind !== 'file') return []
      const read = readManifestFile(source.path)
      return 'problem' in read ? [read.problem] : []
    })
  })

export const readManifestFile = (path: string): Read<readonly Manifest[]> => {
  try {
    return parseManifests(path, readText(path, MOST_BYTES))
  } catch (error) {
    return wrong('a readable file', `${path}: ${messageOf(error)}`)
  }
}

/** All objects of a text, lists taken apart. Numbers and words are read as Kubernetes reads them: `0644` is octal, `yes` is true, a time stays text. */
export const parseManifests = (source: string, text: string): Read<readonly Manifest[]> => {
  const expected = 'objects of Kubernetes, each with apiVersion, kind and metadata.name'
  if (isDeep(text)) return wrong(expected, `${source}: it has more levels than can be read`)
  const documents = parseAllDocuments(text, { version: '1.1', customTags: withoutTimes, prettyErrors: false })
  if (!Array.isArray(documents)) return wrong(expected, `${source}: it is empty`)
  const manifests: Manifest[] = []
  for (const [index, document] of documents.entries()) {
    const [fault] = document.errors
    if (fault !== undefined) return wrong(expected, `${source}, document ${index + 1}: ${messageOf(fault)}`)
    const read = readObjects(document.toJS({ maxAliasCount: 100 }))
    if (typeof read === 'string') return wrong(expected, `${source}, document ${index + 1}: ${read}`)
    manifests.push(...read.map((object) => ({ source, object })))
  }
  return manifests.length > 0 ? { value: manifests } : wrong(expected, `${source}: it is empty`)
}

/** Kubernetes's parser takes `12:30` and `2026-01-01` for text. */
const withoutTimes = (tags: Tags): Tags =>
  tags.filter((tag) => typeof tag !== 'object' || (tag.tag !== 'tag:yaml.org,2002:timestamp' && !('format' in tag && tag.format === 'TIME')))

const List = z.looseObject({ kind: z.string().regex(/List$/), items: z.array(z.unknown()) })

/** The objects of one document, or what is wrong; none of an empty one. */
const readObjects = (value: unknown): KubeObject[] | string => {
  if (value === null || value === undefined) return []
  const list = List.safeParse(value)
  if (list.success) {
    const read = list.data.items.map(readObjects)
    return read.find((each) => typeof each === 'string') ?? read.flatMap((each) => (typeof each === 'string' ? [] : each))
  }
  const object = KubeObject.safeParse(value)
  if (object.success) return [object.data]
  const [issue] = object.error.issues
  return issue?.path.length === 0 ? 'it is no mapping' : `${issue?.path.join('.') ?? ''} is missing or no text`
}
