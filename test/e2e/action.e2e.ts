import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, describe, expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { OUTPUTS } from '../../src/config/outputs.ts'
import { KUBECONFIG, leftBehind, NAMESPACE } from './cluster.ts'

interface Acted {
  readonly log: string
  /** What the step after the action saw: each output, and whether the action's step succeeded. */
  readonly outputs: Record<string, string>
  readonly artifacts: string
}

const freePort = (): Promise<number> =>
  new Promise((resolve_) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve_(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

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

const act = async (inputs: Readonly<Record<string, string>>): Promise<Acted> => {
  const folder = repository(inputs)
  const artifacts = join(folder, 'artifacts')
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
    XDG_CACHE_HOME: join(folder, '.cache'),
    RUNNER_TOOL_CACHE: join(tmpdir(), 'kscan-e2e-tools')
  }
  const { stdout, stderr } = spawnSync('act', args, { cwd: folder, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, timeout: 240_000 })
  const lines = readFileSync(join(folder, 'outputs.txt'), 'utf8').trimEnd().split('\n')
  return {
    log: stdout + stderr,
    artifacts,
    outputs: Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]))
  }
}

afterEach(async () => {
  expect(await leftBehind()).toEqual([])
})

const target = { kubeconfig: KUBECONFIG, namespace: NAMESPACE }

describe.each(['debian', 'busybox', 'nginx'])('the action on the pod %s', (pod) => {
  test('succeeds when the threshold is met, with every output set and an artifact', async () => {
    const { outputs, log, artifacts } = await act({
      ...target,
      pod,
      profile: 'test/fixtures/profiles/common',
      'waivers-file': `test/fixtures/waivers/${pod}.yaml`,
      'threshold-file': 'test/fixtures/thresholds/met.yaml',
      upload: 'always'
    })
    expect([outputs['outcome'], outputs['result'], log.includes('⭐ Run Post ./')]).toEqual(['success', 'passed', true])
    expect(Object.keys(OUTPUTS).filter((name) => outputs[name] === '' && name !== 'artifact-url')).toEqual([])
    expect([outputs['target-count'], outputs['leftovers'], outputs['approaches-used']]).toEqual(['1', '0', 'kubernetes-api'])
    expect(readdirSync(artifacts, { recursive: true }).join(' ')).toMatch(/kscan-scan-a1-.*\.zip/)
  })

  test('fails when it is violated, and says by which bound', async () => {
    const { outputs, log } = await act({
      ...target,
      pod,
      profile: 'test/fixtures/profiles/common',
      'waivers-file': `test/fixtures/waivers/${pod}.yaml`,
      'threshold-file': 'test/fixtures/thresholds/violated.yaml'
    })
    expect([outputs['outcome'], outputs['result']]).toEqual(['failure', 'not-compliant'])
    expect(log).toMatch(/NOT COMPLIANT: \d+ bounds? violated/)
    expect(log.match(/❗  ::error/g)).toHaveLength(1)
    expect(log.match(/🚧  ::warning/g)?.length).toBeLessThanOrEqual(9)
  })
})

test('bad inputs are all named at once, and the result says so', async () => {
  const { outputs, log } = await act({ ...target, pod: 'debian', profile: './no/such/profile', 'max-targets': 'many', threshold: 'faild: {total: {max: 0}}' })
  expect([outputs['outcome'], outputs['result']]).toEqual(['failure', 'bad-input'])
  for (const part of ['max-targets: expected a whole number', 'no/such/profile: it does not exist', 'faild']) expect(log).toContain(part)
})
