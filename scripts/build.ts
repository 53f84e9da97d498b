// Builds dist/: one bundle of everything, three entries of a few lines, the auditor's plugin, licences, a bill of materials. Fails for a package that may not be shipped. With --check: fails when dist is not what the sources give.
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { billOf, type Product } from './shipped/bom.ts'
import { licenseProblems, licensesText } from './shipped/licenses.ts'
import { type Shipped, shippedPackages } from './shipped/packages.ts'

/** What kscan holds of files, sockets and processes, Windows does not. Older Nodes would pass over the proxy of the environment without a word (`proxyEnv` of https.Agent came with 24.5). */
const GUARD = `if (process.platform === 'win32') {
  console.error('error: expected Linux or macOS, got Windows. Run kscan in WSL 2, or in a job on Linux.')
  process.exit(4)
}
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 24 || (major === 24 && minor < 5)) {
  console.error(\`error: expected Node 24.5 or newer, got \${process.versions.node}. Install it; in GitHub Actions use a runner of version 2.328.0 or newer.\`)
  process.exit(4)
}
`

const entry = (name: 'action' | 'post' | 'cli'): string => `${GUARD}const { ${name} } = await import('./index.js')

await ${name}()
`

// Node's compile cache would save some 0.2 s, and run whatever a profile of an earlier run has put there.
const CLI = `#!/usr/bin/env node
${entry('cli')}`

const tool = (name: string): string => join('node_modules', '.bin', name)

/** Says what packages are in the bundle. */
const bundle = (out: string): Shipped[] => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-bundle-'))
  const stats = join(folder, 'stats.json')
  try {
    execFileSync(tool('ncc'), ['build', 'lib/index.js', '--minify', '--out', out, '--stats-out', stats, '--quiet'], { stdio: 'inherit' })
    return shippedPackages(JSON.parse(readFileSync(stats, 'utf8')))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const product = (): Product => {
  const { name, version, description, license, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as Product & {
    devDependencies: Readonly<Record<string, string>>
  }
  return { name, version, description, license, asksFor: Object.entries(devDependencies).map(([each, exact]) => `${each}@${exact}`) }
}

const build = (out: string): void => {
  rmSync('lib', { recursive: true, force: true })
  execFileSync(tool('tsc'), ['-p', 'tsconfig.build.json'], { stdio: 'inherit' })
  rmSync(out, { recursive: true, force: true })
  const shipped = bundle(out)
  const problems = licenseProblems(shipped)
  if (problems.length > 0) throw new Error(`dist would have what may not be shipped:\n${problems.join('\n')}`)
  writeFileSync(join(out, 'licenses.txt'), licensesText(shipped))
  writeFileSync(join(out, 'sbom.cdx.json'), billOf(product(), shipped))
  for (const name of ['action', 'post'] as const) writeFileSync(join(out, `${name}.js`), entry(name))
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
