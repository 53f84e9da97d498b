import type { Disagreement } from './house.ts'

/** What keeps this version from being released, and is known: `npm run release:check -- --known` fails for anything else, and when one of these is gone. */
export const KNOWN: Readonly<Partial<Record<Disagreement['topic'], string>>> = {
  changelog: 'nothing has been released: all entries wait below [Unreleased]',
  'action-tag': 'the documents name the tag v1 of the first release, and the version is still 0.1.0'
}
