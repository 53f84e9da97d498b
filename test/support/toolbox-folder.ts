import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const SOURCE = 'toolbox'

/** Tells one toolbox from another: a digest of its source. */
export const TOOLBOX_DIGEST = ((): string => {
  const hash = createHash('sha256')
  for (const name of readdirSync(SOURCE).toSorted()) hash.update(name).update(readFileSync(join(SOURCE, name)))
  return hash.digest('hex').slice(0, 12)
})()

const CACHE = join(homedir(), '.cache', 'kscan')
const FOLDER = join(CACHE, `toolbox-${TOOLBOX_DIGEST}`)

export const hasToolbox = (): boolean => existsSync(FOLDER)

/** The folder of the toolbox, which is built of Debian's packages unless that was done before. Throws where it cannot be. */
export const toolboxFolder = (): string => {
  if (hasToolbox()) return FOLDER
  const half = `${FOLDER}.half`
  rmSync(half, { recursive: true, force: true })
  mkdirSync(half, { recursive: true })
  execFileSync(join(SOURCE, 'build.sh'), [half], {
    env: { ...process.env, KSCAN_TOOLBOX_CACHE: join(CACHE, 'toolbox-packages') },
    stdio: ['ignore', 'ignore', 'inherit']
  })
  renameSync(half, FOLDER)
  return FOLDER
}
