import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { OUTPUTS } from '../../src/config/outputs.ts'
import { TOOLS } from '../support/command-line.ts'

/** A job that ran the action. */
export interface Acted {
  readonly log: string
  /** What the step after the action saw: each output, and whether the action's step succeeded. */
  readonly outputs: Record<string, string>
  readonly artifacts: string
  /** Where it all happened: the repository, HOME, the runner's files, the artifacts. */
  readonly folder: string
}

/** A port of 127.0.0.1 that nobody holds. */
export const freePort = (): Promise<number> =>
  new Promise((resolve_) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve_(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

/** Lets act, whose cache is there, take for the runner's tools those that are kept between runs: it has a folder of its own for them, whatever the environment says. */
export const shareTools = (cache: string): void => {
  mkdirSync(join(cache, 'act'), { recursive: true })
  symlinkSync(TOOLS, join(cache, 'act/tool_cache'))
}

/** A repository with the action as built, the fixtures, and one workflow. */
const repository = (inputs: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-act-'))
  for (const path of ['dist', 'action.yml', 'examples', 'test/fixtures']) cpSync(resolve(path), join(folder, path), { recursive: true })
  const outputs = Object.keys(OUTPUTS).map((name) => `${name}=\${{ steps.kscan.outputs.${name} }}`)
  const workflow = {
    on: 'push',
    permissions: {},
    jobs: {
      scan: {
        'runs-on': 'ubuntu-latest',
        steps: [
          { uses: 'actions/checkout@v5' },
          { id: 'kscan', uses: './', with: inputs, 'continue-on-error': true },
          {
            if: 'always()',
            env: { OUTPUTS: [...outputs, 'outcome=${{ steps.kscan.outcome }}'].join('\n') },
            run: `printf '%s\\n' "$OUTPUTS" >'${join(folder, 'outputs.txt')}'`
          }
        ]
      }
    }
  }
  mkdirSync(join(folder, '.github/workflows'), { recursive: true })
  writeFileSync(join(folder, '.github/workflows/scan.yml'), stringify(workflow, { lineWidth: 0 }))
  const git = (...args: string[]): void =>
    void execFileSync('git', ['-c', 'user.name=e2e', '-c', 'user.email=e2e@example.test', ...args], { cwd: folder, stdio: 'ignore' })
  git('init', '--quiet', '--initial-branch=main')
  git('add', '--all')
  git('commit', '--quiet', '--message=e2e')
  return folder
}

/** Runs the action, as built, in a workflow with these inputs. */
export const act = async (inputs: Readonly<Record<string, string>>): Promise<Acted> => {
  const folder = repository(inputs)
  const artifacts = join(folder, 'artifacts')
  shareTools(join(folder, '.cache'))
  const args = [
    'push',
    '-P',
    'ubuntu-latest=-self-hosted',
    '--artifact-server-path',
    artifacts,
    '--artifact-server-addr',
    '127.0.0.1',
    '--artifact-server-port',
    String(await freePort()),
    '--cache-server-addr',
    '127.0.0.1'
  ]
  const env = {
    PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    HOME: folder,
    XDG_CACHE_HOME: join(folder, '.cache')
  }
  const { stdout, stderr } = spawnSync('act', args, { cwd: folder, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, timeout: 240_000 })
  const lines = readFileSync(join(folder, 'outputs.txt'), 'utf8').trimEnd().split('\n')
  return {
    log: stdout + stderr,
    artifacts,
    folder,
    outputs: Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
  }
}
