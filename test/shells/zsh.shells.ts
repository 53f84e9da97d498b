import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { COMPLETIONS, offered, ShellFolder } from '../support/completions.ts'

const folder = new ShellFolder()
afterAll(() => folder.remove())

const lines = COMPLETIONS.map(([line]) => line)
const printed = execFileSync('zsh', [resolve('test/shells/complete.zsh'), folder.script('zsh'), ...lines], { cwd: folder.path, encoding: 'utf8' })
const answers = printed.split(/^\n/m)

test.each(COMPLETIONS.map(([line, words], at) => [line, words, at] as const))('%j offers %j', (_line, words, at) => {
  // zsh writes a blank in a name as it must be typed, and the last part of a path alone
  const expected = words.map((word) => word.replace(/^results\//, '')).toSorted()
  expect(offered((answers[at] ?? '').split('\n').map((word) => word.replace('\\ ', ' ')))).toEqual(expected)
})
