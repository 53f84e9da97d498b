// Installs the packages of test/parity once: the real SAF CLI, which is none of the product's.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const marker = 'test/parity/node_modules/.kscan-ready'
const digest = createHash('sha256').update(readFileSync('test/parity/package-lock.json')).digest('hex')

if (!existsSync(marker) || readFileSync(marker, 'utf8') !== digest) {
  console.error('Installing the packages of test/parity/package-lock.json …')
  execFileSync('npm', ['ci', '--prefix', 'test/parity', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { stdio: ['ignore', 2, 2] })
  writeFileSync(marker, digest)
}
