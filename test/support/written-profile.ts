import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Writes a profile whose controls are these Ruby texts by id, with further files by path; Latin-1 throughout, so that a text may hold any byte. Returns its folder. */
export const writtenProfile = (folder: string, controls: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}): string => {
  const all = {
    'inspec.yml': 'name: written\nversion: 1.0.0\n',
    'controls/all.rb': Object.entries(controls)
      .map(([id, code]) => `control "${id}" do\n${code}\nend\n`)
      .join(''),
    ...files
  }
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text, 'latin1')
  }
  return folder
}
