import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { cluster } from './audit-log.ts'

const SOURCE = 'toolbox'

/** The toolbox as an image of the node; its tag is that of its source, so that a changed one is built anew. */
export const TOOLBOX = ((): string => {
  const hash = createHash('sha256')
  for (const name of readdirSync(SOURCE).toSorted()) hash.update(name).update(readFileSync(join(SOURCE, name)))
  return `test.local/toolbox:${hash.digest('hex').slice(0, 12)}`
})()

/** Builds the toolbox from Debian's packages and gives it to the node, unless it has it. */
export const readyToolbox = (): void => {
  if (cluster('images').includes(TOOLBOX)) return
  const folder = mkdtempSync(join(tmpdir(), 'kscan-toolbox-'))
  try {
    const env = { ...process.env, KSCAN_TOOLBOX_CACHE: join(homedir(), '.cache', 'kscan', 'toolbox-packages') }
    execFileSync(join(SOURCE, 'build.sh'), [folder], { env, stdio: ['ignore', 'ignore', 'inherit'] })
    cluster('image', TOOLBOX, folder, '{}')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
