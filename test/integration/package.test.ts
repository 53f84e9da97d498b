import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'

jest.setTimeout(120_000)

const folder = mkdtempSync(join(tmpdir(), 'kscan-package-'))
const npm = (...args: readonly string[]): string =>
  execFileSync('npm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, npm_config_update_notifier: 'false' } })
let archive: string
beforeAll(() => {
  const [name = ''] = npm('pack', '--silent', '--pack-destination', folder).trim().split('\n')
  archive = join(folder, name)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** With the Node of this test before all others. */
const NODE = { PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`, HOME: folder }

const run = (program: string, ...args: readonly string[]): string => execFileSync(program, args, { encoding: 'utf8', env: NODE })

test('the package is one that needs no others, and runs where it is installed', () => {
  const prefix = join(folder, 'prefix')
  npm('install', '--global', '--prefix', prefix, '--offline', '--no-audit', '--no-fund', archive)
  const installed = join(prefix, 'lib', 'node_modules')
  expect([readdirSync(installed), readdirSync(join(installed, 'kscan')).includes('node_modules')]).toEqual([['kscan'], false])
  const kscan = join(prefix, 'bin', 'kscan')
  expect(run(kscan, '--version')).toMatch(/^\d+\.\d+\.\d+\n$/)
  writeFileSync(join(folder, 'results.json'), JSON.stringify({ version: '5.0.0', platform: {}, statistics: {}, profiles: [] }))
  expect(() => run(kscan, 'judge', join(folder, 'results.json'))).toThrow(expect.objectContaining({ status: 3 }))
})

test('it runs without being installed', () => {
  const words = ['--offline', '--yes', '--package', archive, 'kscan', '--version']
  expect(execFileSync('npx', words, { encoding: 'utf8', cwd: folder, env: NODE, stdio: ['ignore', 'pipe', 'ignore'] })).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test('the build of the image fails where there is no auditor to be had', () => {
  const words = ['--eval', "import('./dist/index.js').then(({ image }) => image())"]
  const env = { PATH: folder, HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') }
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', env })
  expect([status === 0, stderr]).toEqual([false, expect.stringContaining('no ruby on PATH')])
})

test.each(['cli.js', 'action.js', 'post.js'])('%s refuses Windows in a sentence, before anything else', (entry) => {
  const windows = `data:text/javascript,Object.defineProperty(process,'platform',{value:'win32'})`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', windows, `dist/${entry}`, '--version'], { encoding: 'utf8', env: NODE })
  expect([status, stdout, stderr]).toEqual([4, '', 'error: expected Linux or macOS, got Windows. Run kscan in WSL 2, or in a job on Linux.\n'])
})
