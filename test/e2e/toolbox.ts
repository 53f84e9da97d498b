import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { cluster } from './audit-log.ts'

const SOURCE = 'toolbox'

/** The toolbox as an image of the node; its tag is that of its source, so that a changed one is built anew. */
export const TOOLBOX = ((): string => {
  const hash = createHash('sha256')
  for (const name of readdirSync(SOURCE).toSorted()) hash.update(name).update(readFileSync(join(SOURCE, name)))
  return `test.local/toolbox:${hash.digest('hex').slice(0, 12)}`
})()

/** An image of a registry that refuses the connection, so that its want shows at once. */
export const NOT_TO_BE_HAD = '127.0.0.1:1/toolbox:1'

/** Builds the toolbox from Debian's packages, unless that was done before, and gives it to the node, unless it has it. */
export const readyToolbox = (): void => {
  if (cluster('images').includes(TOOLBOX)) return
  const cache = join(homedir(), '.cache', 'kscan')
  const folder = join(cache, TOOLBOX.replace(/^.*:/, 'toolbox-'))
  if (!existsSync(folder)) {
    const half = `${folder}.half`
    rmSync(half, { recursive: true, force: true })
    mkdirSync(half, { recursive: true })
    execFileSync(join(SOURCE, 'build.sh'), [half], {
      env: { ...process.env, KSCAN_TOOLBOX_CACHE: join(cache, 'toolbox-packages') },
      stdio: ['ignore', 'ignore', 'inherit']
    })
    renameSync(half, folder)
  }
  cluster('image', TOOLBOX, folder, '{}')
}
