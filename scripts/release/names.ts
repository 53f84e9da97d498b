import { createHash } from 'node:crypto'

/** The files of a release. */
export interface Names {
  /** For npm install, and what the GitLab component fetches. */
  readonly package: string
  /** The action and the program, to be unpacked. */
  readonly bundle: string
  /** The GitLab component: the root of its project. */
  readonly component: string
  readonly bill: string
  readonly imageBill: string
  /** The images of a release, by digest. */
  readonly images: string
  readonly sums: string
  /** All but the list of their digests. */
  readonly all: readonly string[]
}

export const namesOf = (version: string): Names => {
  const names = {
    package: `kscan-${version}.tgz`,
    bundle: `kscan-bundle-${version}.tar.gz`,
    component: `kscan-gitlab-component-${version}.tar.gz`,
    bill: `kscan-${version}.cdx.json`,
    imageBill: `kscan-image-${version}.cdx.json`,
    images: 'images.txt'
  }
  return { ...names, sums: 'SHA256SUMS', all: Object.values(names) }
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
