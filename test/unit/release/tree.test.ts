import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { houseAt, told } from '../../../scripts/release/check/house.ts'
import { madeDisagreements } from '../../../scripts/release/check/made.ts'
import { runDisagreements } from '../../../scripts/release/check/run.ts'

let root: string
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'kscan-tree-'))))
afterEach(() => rmSync(root, { recursive: true }))

const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.test', ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore']
  }).trim()

describe('the run of a release', () => {
  let env: Record<string, string>
  beforeEach(() => {
    git('init', '--initial-branch=main')
    writeFileSync(join(root, 'file'), 'x')
    git('add', '--all')
    git('commit', '--message=x')
    git('update-ref', 'refs/remotes/origin/main', 'HEAD')
    env = { GITHUB_REF_TYPE: 'tag', GITHUB_REF_PROTECTED: 'true', GITHUB_SHA: git('rev-parse', 'HEAD') }
  })
  const found = (): string[] => runDisagreements(houseAt(root), env).map(told)

  test('is one of a protected tag, of a commit of main, of nothing but its files', () => expect(found()).toEqual([]))

  test.each<[string, () => void, RegExp]>([
    ['of a branch', () => (env['GITHUB_REF_TYPE'] = 'branch'), /^the run: expected one of a tag, got branch/],
    ['of a tag that can be moved', () => (env['GITHUB_REF_PROTECTED'] = 'false'), /^the tag: expected one that a ruleset protects/],
    ['of another commit', () => (env['GITHUB_SHA'] = 'a'.repeat(40)), /^the tree: expected the commit a{40}, got [0-9a-f]{40}/],
    ['with a file that is not committed', () => writeFileSync(join(root, 'more'), ''), /^the tree: expected the files of the commit, got \?\? more/],
    ['with a file that was changed', () => writeFileSync(join(root, 'file'), 'y'), /^the tree: expected the files of the commit, got M file/],
    [
      'of another branch',
      () => void (git('commit', '--allow-empty', '--message=y'), (env['GITHUB_SHA'] = git('rev-parse', 'HEAD'))),
      /^the commit: expected one of main/
    ]
  ])('is none %s', (_what, change, message) => {
    change()
    expect(found()).toEqual([expect.stringMatching(message)])
  })

  test('says all at once, also where there is no clone', () => {
    rmSync(join(root, '.git'), { recursive: true })
    expect(runDisagreements(houseAt(root), { GIT_DIR: root }).length).toBe(5)
  })
})

describe('what is made from the sources', () => {
  beforeEach(() => {
    mkdirSync(join(root, 'scripts'))
    for (const name of ['build', 'tables']) writeFileSync(join(root, `scripts/${name}.ts`), "if (!process.argv.includes('--check')) process.exitCode = 9\n")
  })

  test('agrees where both makers say so', async () => expect(await madeDisagreements(houseAt(root))).toEqual([]))

  test.each([
    [
      'build',
      "console.error('dist/index.js is not what the sources give'); process.exitCode = 1",
      /^dist: expected what the sources give, got dist\/index\.js is not .* Run npm run build\.$/
    ],
    [
      'tables',
      "console.error('gitlab/templates/kscan.yml is not what src gives'); process.exitCode = 1",
      /got gitlab\/templates\/kscan\.yml is not .* Run npm run tables\.$/
    ],
    ['build', "throw new Error('no compiler')", /^dist: .* got [^]*no compiler/]
  ])('does not where %s fails', async (name, source, message) => {
    writeFileSync(join(root, `scripts/${name}.ts`), source)
    expect((await madeDisagreements(houseAt(root))).map(told)).toEqual([expect.stringMatching(message)])
  })
})
