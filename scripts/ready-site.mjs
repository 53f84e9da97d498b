// Installs the packages of site once: the generator of the documentation's site, which is none of the product's.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const marker = 'site/node_modules/.kscan-ready'
const digest = createHash('sha256').update(readFileSync('site/package-lock.json')).digest('hex')

if (!existsSync(marker) || readFileSync(marker, 'utf8') !== digest) {
  console.error('Installing the packages of site/package-lock.json …')
  execFileSync('npm', ['ci', '--prefix', 'site', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { stdio: ['ignore', 2, 2] })
  writeFileSync(marker, digest)
}
