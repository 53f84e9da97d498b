import type { Control, Results } from '../hdf/model.ts'

/** Title and version of a control's profile, empty where it has none. Texts from outside. */
export interface ToldProfile {
  readonly title: string
  readonly version: string
}

/** Of overlays the outermost, under whose name their controls count. */
export const profileOf = ({ profile }: Control, { profiles }: Results): ToldProfile => {
  const { title = '', version = '' } = profiles.find(({ name, outermost }) => outermost && name === profile) ?? {}
  return { title, version }
}

/** As in `ubuntu-22.04 1.2.0 (Ubuntu 22.04 baseline)`. Not escaped. */
export const named = (name: string, { title, version }: ToldProfile): string =>
  [name, version.trim(), title.trim() === '' ? '' : `(${title.trim()})`].filter((each) => each !== '').join(' ')

/** As in `Ubuntu 22.04 baseline 1.2.0`. Not escaped. */
export const titled = (name: string, { title, version }: ToldProfile): string => [title.trim() || name, version.trim()].filter((each) => each !== '').join(' ')
