/*
 * Writes src/auditor/cinc/catalog.json anew: node scripts/cinc-catalog.ts VERSION
 * Asks CINC's servers which packages of this version there are, downloads each, and writes sizes and digests when all of them are right. Run it on two networks,
 * and compare: the digests come from where the packages do.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { messageOf } from '../src/kernel/error.ts'
import { cincCatalogOf } from './cinc/packages.ts'

const CATALOG = join(import.meta.dirname, '..', 'src', 'auditor', 'cinc', 'catalog.json')

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    options: { service: { type: 'string', default: 'https://omnitruck.cinc.sh' }, from: { type: 'string' }, out: { type: 'string', default: CATALOG } },
    allowPositionals: true
  })
  const [version = ''] = positionals
  const from = values.from ?? (JSON.parse(readFileSync(CATALOG, 'utf8')) as { from: string }).from
  const catalog = await cincCatalogOf(version, { service: values.service, from, env: process.env, say: (text) => console.log(text) })
  const half = `${values.out}.new`
  writeFileSync(half, `${JSON.stringify(catalog, null, 2)}\n`)
  renameSync(half, values.out)
  console.log(`${values.out} has ${version}: compare its digests with those that another network gives, then npm run build`)
}

try {
  await main()
} catch (error) {
  console.error(`error: the catalog stays as it is.\n${messageOf(error)}`)
  process.exitCode = 1
}
