import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Folder } from '../support/kubeconfig.ts'

let folder: Folder
beforeAll(() => {
  folder = new Folder()
  copyFileSync('test/fixtures/hdf/one-profile.json', join(folder.path, 'results.json'))
  writeFileSync(join(folder.path, 'threshold.yaml'), 'passed: {total: {min: 100}}')
})
afterAll(() => folder.remove())

interface Place {
  readonly env?: Readonly<Record<string, string>>
  /** Columns of the terminal. */
  readonly columns?: number
}

const word = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

/** What a terminal shows of a command line, whatever comes of it. Its input stays open until it ends. */
const onTerminal = async (line: string, { env = {}, columns = 100 }: Place = {}): Promise<string> => {
  const kscan = `kscan() { ${word(process.execPath)} ${word(resolve('dist/cli.js'))} "$@"; }; stty columns ${columns}; ${line}`
  const environment = { PATH: process.env['PATH'] ?? '', HOME: folder.path, TERM: 'xterm', SHELL: '/bin/sh', ...env }
  const child = spawn('script', ['-qec', `${kscan} || true`, '/dev/null'], { cwd: folder.path, env: environment, stdio: ['pipe', 'pipe', 'inherit'] })
  const shown = await text(child.stdout)
  child.stdin.destroy()
  return shown
}

const JUDGE = 'kscan judge --threshold-file threshold.yaml results.json'
const RED = '\u001b[31mNOT COMPLIANT\u001b[0m'

describe('colours', () => {
  test('are on a terminal', async () => expect(await onTerminal(JUDGE)).toContain(RED))

  test.each<[string, string, Place]>([
    ['with NO_COLOR', JUDGE, { env: { NO_COLOR: '1' } }],
    ['on a terminal that has none', JUDGE, { env: { TERM: 'dumb' } }],
    ['in a pipe', `${JUDGE} 2>&1 | cat`, {}],
    ['in a pipe, though they are forced', `${JUDGE} 2>&1 | cat`, { env: { FORCE_COLOR: '1', CLICOLOR_FORCE: '1' } }],
    ['in JSON', `${JUDGE} -o json 2>/dev/null`, {}],
    ['in files', `${JUDGE} >out 2>log; cat out log`, {}],
    ['in a script for a shell', 'kscan completion bash', {}],
    ['in help that goes elsewhere', 'kscan 2>&1 | cat; kscan scan --help | cat', {}]
  ])('are not %s', async (_what, line, place) => {
    const shown = await onTerminal(line, place)
    expect(shown).toMatch(/NOT COMPLIANT|bash completion|Usage|"result"/)
    expect(shown).not.toContain('\u001b')
  })
})

test('quiet leaves the result and what must be known', async () => {
  const [quiet, usual] = [await onTerminal(`${JUDGE} -q --max-unjudged 5 >out`), await onTerminal(`${JUDGE} --max-unjudged 5 >out`)]
  expect([quiet.trim().split('\n'), usual]).toEqual([[expect.stringContaining('warning:')], expect.stringContaining('max-unjudged: 5 (flag)')])
})

test.each([80, 110])('help fits a terminal of %d columns', async (columns) => {
  const shown = await onTerminal('kscan scan --help', { columns })
  const lines = shown.replace(/\u001b\[\d+m/g, '').split(/\r?\n/)
  const longest = Math.max(...lines.map(({ length }) => length))
  expect([longest <= columns, longest > columns - 15]).toEqual([true, true])
})

describe('npm run kscan, from another folder than the clone', () => {
  const npm = (...words: readonly string[]): { code: number; text: string } => {
    try {
      const env = { ...process.env, HOME: folder.path, npm_config_update_notifier: 'false' }
      return {
        code: 0,
        text: execFileSync('npm', ['--prefix', process.cwd(), 'run', '--silent', 'kscan', '--', ...words], {
          cwd: folder.path,
          env,
          encoding: 'utf8',
          stdio: 'pipe'
        })
      }
    } catch (error) {
      const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string }
      return { code: status, text: stdout + stderr }
    }
  }

  test('takes paths relative to where the user stands', () => {
    expect(npm('judge', '--threshold-file', 'threshold.yaml', 'results.json')).toMatchObject({ code: 1, text: expect.stringContaining('NOT COMPLIANT') })
  })

  test('says so of a file that is not there', () => {
    expect(npm('judge', 'README.md')).toMatchObject({ code: 2 }) // the clone has one
  })

  test('reads kscan.yaml there', () => {
    writeFileSync(join(folder.path, 'kscan.yaml'), 'threshold: "failed: {total: {max: 100}}"\nmax-unjudged: 100')
    expect(npm('judge', 'results.json')).toMatchObject({ code: 0, text: expect.stringContaining('PASSED') })
  })
})
