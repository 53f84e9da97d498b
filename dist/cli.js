#!/usr/bin/env node
if (process.platform === 'win32') {
  console.error('error: expected Linux or macOS, got Windows. Run kscan in WSL 2, or in a job on Linux.')
  process.exit(4)
}
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 5)) {
  console.error(`error: expected Node 24.5 or newer, got ${process.versions.node}. Install it; in GitHub Actions use a runner of version 2.328.0 or newer.`)
  process.exit(4)
}
const { cli } = await import('./index.js')

await cli()
