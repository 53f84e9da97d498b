// Makes a fresh clone ready: installs the exact packages once, with any Node from 20 on. What follows in the npm script names the Node of the lock file by its
// path: the shell that runs the script remembers where it found the first one.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'

const marker = 'node_modules/.kscan-ready'
const digest = createHash('sha256').update(readFileSync('package-lock.json')).digest('hex')
const ready = existsSync(marker) && readFileSync(marker, 'utf8') === digest

if (!ready) {
  console.error('Installing the packages of package-lock.json, once; some minutes where the network is slow …')
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { stdio: ['ignore', 2, 2] })
  // the package `node` fetches its program in a script of its own, which some npm settings leave out
  if (!existsSync('node_modules/node/bin/node'))
    execFileSync('npm', ['rebuild', 'node', '--ignore-scripts=false', '--loglevel=error'], { stdio: ['ignore', 2, 2] })
  writeFileSync(marker, digest)
}
