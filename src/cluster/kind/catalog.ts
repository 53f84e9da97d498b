import shipped from './catalog.json' with { type: 'json' }

/** One version of kind, with what fits it: its program by platform, and node images by the minor version of Kubernetes, the newest first. */
export interface KindCatalog {
  readonly version: string
  /** Address of the folder that the programs are in, with its slash. */
  readonly from: string
  /** SHA-256, hexadecimal, by `linux-amd64` and the like. */
  readonly programs: Readonly<Record<string, string>>
  /** `NAME:TAG@sha256:DIGEST`: a tag alone is built anew by later versions of kind. */
  readonly nodes: Readonly<Record<string, string>>
}

export const KIND_CATALOG: KindCatalog = shipped

/** The node image of the newest Kubernetes, where nobody asks for another. */
const defaultMinor = ({ nodes }: KindCatalog): string => Object.keys(nodes)[0] ?? ''

/** A node image, and the minor version of Kubernetes where it is of the catalog. */
export interface NodeImage {
  readonly image: string
  readonly minor: string | undefined
}

/** What `kind-node-image` means; undefined for a version of Kubernetes that the catalog does not have. */
export const nodeImageOf = (wanted: string | undefined, catalog: KindCatalog): NodeImage | undefined => {
  if (wanted !== undefined && !/^v?\d+(\.\d+)*$/.test(wanted)) return { image: wanted, minor: undefined }
  const version = (wanted ?? defaultMinor(catalog)).replace(/^v/, '')
  const found = Object.entries(catalog.nodes).find(([minor, image]) => minor === version || image.includes(`:v${version}@`))
  return found === undefined ? undefined : { image: found[1], minor: found[0] }
}

/** Whether an image is named by its content, so that it is the same on each day. */
export const isPinned = (image: string): boolean => /@sha256:[0-9a-f]{64}$/.test(image)

/** As Node names this machine; undefined where no program of the catalog runs. */
export const platformOf = (catalog: KindCatalog, { platform, arch }: { readonly platform: string; readonly arch: string }): string | undefined => {
  const name = `${platform}-${arch === 'x64' ? 'amd64' : arch}`
  return name in catalog.programs ? name : undefined
}
