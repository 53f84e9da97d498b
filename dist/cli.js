#!/usr/bin/env node
import module from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 5)) {
  console.error(`error: expected Node 24.5 or newer, got ${process.versions.node}. Install it; in GitHub Actions use a runner of version 2.328.0 or newer.`)
  process.exit(4)
}

module.enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kscan', 'compiled'))
const { cli } = await import('./index.js')
module.flushCompileCache() // a run that is killed leaves the next one as fast

await cli()
