/** Where a profile comes from. A revision that is no whole commit id, and a digest that is missing, are not pinned. */
export type ProfileSource =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'archive'; readonly path: string; readonly sha256: string | undefined }
  | { readonly kind: 'download'; readonly url: string; readonly sha256: string | undefined }
  | GitSource

/** `subdir`: the folder of the repository in which the profile lies. */
export interface GitSource {
  readonly kind: 'git'
  readonly url: string
  readonly commit: string
  readonly subdir?: string | undefined
}

/** As a user would write it. */
export const addressOf = (source: GitSource): string => `git+${source.url}@${source.commit}${source.subdir === undefined ? '' : `#subdir=${source.subdir}`}`

/** With the port, where that is not 443. */
export const hostOf = ({ url }: { readonly url: string }): string => new URL(url).host
