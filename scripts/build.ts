// Builds dist/: one bundle of everything, two entries of a few lines, the auditor's plugin, licences. With --check: fails when dist is not what the sources give.
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Older ones would pass over the proxy of the environment without a word (`proxyEnv` of https.Agent came with 24.5). */
const GUARD = `const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 5)) {
  console.error(\`error: expected Node 24.5 or newer, got \${process.versions.node}. Install it; in GitHub Actions use a runner of version 2.328.0 or newer.\`)
  process.exit(4)
}
`

const ACTION = `${GUARD}const { action } = await import('./index.js')

await action()
`

// The compiled form of the bundle is kept in the user's own cache: a person calls kscan more than once.
const CLI = `#!/usr/bin/env node
import module from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'

${GUARD}
module.enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kscan', 'compiled'))
const { cli } = await import('./index.js')
module.flushCompileCache() // a run that is killed leaves the next one as fast

await cli()
`

const tool = (name: string): string => join('node_modules', '.bin', name)

const build = (out: string): void => {
  rmSync('lib', { recursive: true, force: true })
  execFileSync(tool('tsc'), ['-p', 'tsconfig.build.json'], { stdio: 'inherit' })
  rmSync(out, { recursive: true, force: true })
  execFileSync(tool('ncc'), ['build', 'lib/index.js', '--minify', '--license', 'licenses.txt', '--out', out, '--quiet'], { stdio: 'inherit' })
  writeFileSync(join(out, 'action.js'), ACTION)
  writeFileSync(join(out, 'cli.js'), CLI, { mode: 0o755 })
  cpSync('src/auditor/plugin', join(out, 'plugin'), { recursive: true })
}

/** Files that are missing, too many or different. */
const drift = (fresh: string): string[] => {
  const list = (root: string): string[] =>
    globSync('**/*', { cwd: root, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
  const names = new Set([...list('dist'), ...list(fresh)])
  const read = (root: string, name: string): string | undefined => {
    try {
      return readFileSync(join(root, name), 'latin1')
    } catch {
      return undefined
    }
  }
  return [...names].filter((name) => read('dist', name) !== read(fresh, name))
}

if (process.argv.includes('--check')) {
  const fresh = mkdtempSync(join(tmpdir(), 'kscan-dist-'))
  build(fresh)
  const different = drift(fresh)
  rmSync(fresh, { recursive: true, force: true })
  for (const name of different) console.error(`dist/${name} is not what the sources give: run npm run build`)
  if (different.length > 0) process.exitCode = 1
} else build('dist')
