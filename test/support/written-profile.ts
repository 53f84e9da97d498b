import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Writes a profile whose controls are these Ruby texts by id, Latin-1 in and out so that a text may hold any byte; returns its folder. */
export const writtenProfile = (folder: string, controls: Readonly<Record<string, string>>, metadata = ''): string => {
  const text = Object.entries(controls).map(([id, code]) => `control "${id}" do\n${code}\nend\n`)
  mkdirSync(join(folder, 'controls'), { recursive: true })
  writeFileSync(join(folder, 'inspec.yml'), `name: written\nversion: 1.0.0\n${metadata}`)
  writeFileSync(join(folder, 'controls', 'all.rb'), text.join(''), 'latin1')
  return folder
}
