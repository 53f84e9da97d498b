// Builds dist/: one bundle of everything, two entries of a few lines, the auditor's plugin, licences. With --check: fails when dist is not what the sources give.
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const tool = (name: string): string => join('node_modules', '.bin', name)

const build = (out: string): void => {
  rmSync('lib', { recursive: true, force: true })
  execFileSync(tool('tsc'), ['-p', 'tsconfig.build.json'], { stdio: 'inherit' })
  rmSync(out, { recursive: true, force: true })
  execFileSync(tool('ncc'), ['build', 'lib/index.js', '--minify', '--license', 'licenses.txt', '--out', out, '--quiet'], { stdio: 'inherit' })
  for (const [entry, run] of [
    ['action', 'action'],
    ['cli', 'cli']
  ] as const) {
    const shebang = entry === 'cli' ? '#!/usr/bin/env node\n' : ''
    writeFileSync(join(out, `${entry}.js`), `${shebang}import { ${run} } from './index.js'\n\nawait ${run}()\n`, { mode: 0o755 })
  }
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
