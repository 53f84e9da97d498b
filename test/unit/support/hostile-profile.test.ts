import { execFileSync } from 'node:child_process'
import { expect, test } from '@jest/globals'
import { DEEDS } from '../../support/hostile-profile.ts'

test.each(Object.entries(DEEDS))('%s is Ruby, on a line of its own and in a block', (_deed, code) => {
  const text = `${code}\n[1].each { ${code}\n }\n`
  expect(execFileSync('ruby', ['-c'], { input: text, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] })).toBe('Syntax OK\n')
})
