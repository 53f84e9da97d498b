import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { digestOf, digestOfBytes, notA } from './digest.ts'
import type { PinnedDependency } from './fetch.ts'
import { type Packed, writeTarball } from './tar.ts'
import { filesBelow } from './walk.ts'

/** What `kscan vendor` writes at the top of its archive. */
export const MANIFEST = 'kscan-vendor.json'
/** The auditor's gems in it. */
const GEMS = 'gems'

const Digest = z.string().regex(/^[0-9a-f]{64}$/)
const Manifest = z.strictObject({
  'kscan-vendor': z.literal(1),
  profiles: z.array(
    z.strictObject({
      name: z.string(),
      version: z.string(),
      folder: z.string().regex(/^profiles\/[\w.-]+$/),
      source: z.string(),
      sha256: Digest,
      /** Of the folder with all that is vendored in it. */
      tree: Digest,
      dependencies: z.array(z.strictObject({ way: z.string(), source: z.string(), sha256: Digest }))
    })
  ),
  auditor: z
    .strictObject({ gem: z.string(), version: z.string(), gems: z.array(z.strictObject({ file: z.string().regex(/^[\w.-]+\.gem$/), sha256: Digest })) })
    .optional()
})
export type PackManifest = z.infer<typeof Manifest>

/** A profile of such an archive. */
export interface PackedProfile {
  readonly source: string
  readonly path: string
  readonly sha256: string
  readonly folder: string
  readonly home: string
  readonly dependencies: readonly PinnedDependency[]
}

export interface Pack {
  readonly profiles: readonly PackedProfile[]
  /** The folder of the auditor's gems. */
  readonly gems: string | undefined
}

/** Opens what was unpacked into a folder. Throws BAD_INPUT for what is not as its own manifest says. */
export const openPack = (folder: string, shown: string): Pack => {
  const manifest = manifestIn(folder, shown)
  const profiles = manifest.profiles.map(({ folder: name, source, sha256, tree, dependencies }): PackedProfile => {
    const path = join(folder, name)
    const actual = treeOf(path, shown)
    if (actual !== tree) throw notA(`${name} with SHA-256 ${tree}, as the manifest of ${shown} says`, actual, 'Write the archive anew with `kscan vendor`.')
    return { source: printableLine(`${shown}: ${source}`), path, sha256, folder: path, home: path, dependencies }
  })
  for (const { file, sha256 } of manifest.auditor?.gems ?? []) {
    const actual = digestOfBytes(bytesIn(join(folder, GEMS, file), shown))
    if (actual !== sha256) throw notA(`${file} with SHA-256 ${sha256}, as the manifest of ${shown} says`, actual)
  }
  return { profiles, gems: manifest.auditor === undefined ? undefined : join(folder, GEMS) }
}

const manifestIn = (folder: string, shown: string): PackManifest => {
  try {
    return Manifest.parse(JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')))
  } catch (error) {
    throw notA(`an archive of \`kscan vendor\` of this version`, `${shown}: ${MANIFEST}: ${messageOf(error)}`)
  }
}

const bytesIn = (path: string, shown: string): Buffer => {
  try {
    return readFileSync(path)
  } catch (error) {
    throw notA('an archive with all that its manifest names', `${shown}: ${messageOf(error)}`)
  }
}

const treeOf = (path: string, shown: string): string => {
  try {
    return digestOf(filesBelow(path))
  } catch (error) {
    throw notA('an archive with all that its manifest names', `${shown}: ${messageOf(error)}`)
  }
}

/** What goes into such an archive: profiles that were bundled, each in a folder, and files of gems. */
export interface Packing {
  readonly profiles: readonly {
    readonly name: string
    readonly version: string
    readonly source: string
    readonly sha256: string
    readonly bundle: string
    readonly dependencies: readonly PinnedDependency[]
  }[]
  readonly auditor: { readonly gem: string; readonly version: string; readonly files: readonly Packed[] } | undefined
}

/** The archive, the same bytes for the same content, with its manifest. */
export const writePack = ({ profiles, auditor }: Packing): { bytes: Buffer; manifest: PackManifest } => {
  const placed = profiles.map((each, index) => ({ ...each, folder: `profiles/${index + 1}-${each.name.replace(/[^\w.-]+/g, '-').slice(0, 60)}` }))
  const manifest: PackManifest = {
    'kscan-vendor': 1,
    profiles: placed.map(({ bundle, dependencies, ...rest }) => ({ ...rest, tree: digestOf(filesBelow(bundle)), dependencies: [...dependencies] })),
    ...(auditor === undefined
      ? {}
      : {
          auditor: { gem: auditor.gem, version: auditor.version, gems: auditor.files.map(({ name, bytes }) => ({ file: name, sha256: digestOfBytes(bytes) })) }
        })
  }
  const files = placed.flatMap(({ bundle, folder }) => filesBelow(bundle).map(({ name, path }) => ({ name: `${folder}/${name}`, bytes: readFileSync(path) })))
  const gems = (auditor?.files ?? []).map(({ name, bytes }) => ({ name: `${GEMS}/${name}`, bytes }))
  const head = { name: MANIFEST, bytes: Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`) }
  return { bytes: writeTarball([head, ...files, ...gems]), manifest }
}
