import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'

test('each promise of docs/security.md names tests that are there', () => {
  const promises = readFileSync('docs/security.md', 'utf8')
    .split('\n## ')
    .find((section) => section.startsWith('What is promised'))
  const rows = (promises ?? '').split('\n').filter((line) => /^\| [^|-]/.test(line) && !line.startsWith('| promise'))
  const tests = rows.map((row) => [...row.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path))
  expect([tests.length > 15, tests.filter((paths) => paths.length === 0), tests.flat().filter((path) => !existsSync(path))]).toEqual([true, [], []])
})
