#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kscan', 'compiled'))
const { cli } = await import('./index.js')

await cli()
