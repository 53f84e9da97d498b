import { CATALOG } from '../src/profile/catalog.ts'

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')

/** The table of docs/profiles.md. */
export const catalogTable = (): string =>
  [
    '| `catalog/…` | for | controls | auditor | licence | commit |',
    '| --- | --- | --- | --- | --- | --- |',
    ...CATALOG.map(
      ({ name, platform, controls, auditor, license, repository, commit }) =>
        `| \`${name}\` | ${cell(platform)} | ${controls} | ${cell(auditor)} | ${cell(license)} | [${commit.slice(0, 12)}](${repository.replace(/\.git$/, '')}/tree/${commit}) |`
    )
  ].join('\n')
