import { globSync, readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { exitCodeOf } from '../../../src/kernel/error.ts'
import { ERROR_TEXTS } from '../../../src/kernel/error-codes.ts'

const page = readFileSync('docs/troubleshooting.md', 'utf8')
const sources = ['scripts/build.ts', ...globSync('src/**/*.{ts,rb}')].map((file) => readFileSync(file, 'utf8'))

const rowsOf = (heading: string): string[][] => {
  const section = page.split('\n## ').find((each) => each.startsWith(heading)) ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('| '))
  return rows.slice(2).map((row) => row.slice(2, -2).split(' | '))
}

test('each error code of the program has its cause and remedy, with its exit code', () => {
  const used = new Set(sources.flatMap((text) => [...text.matchAll(/(?:ScanError|CallFailed|ApiError)\(\s*'([A-Z_]+)'|\bcode: '([A-Z_]{6,})'/g)].map(([, one, other]) => one ?? other)))
  const told = rowsOf('Error codes').map(([code = '', exit]) => [code.replaceAll('`', ''), Number(exit)])
  expect([used.size > 15, [...used].filter((code) => code !== undefined && !Object.hasOwn(ERROR_TEXTS, code))]).toEqual([true, []])
  expect(told).toHaveLength(Object.keys(ERROR_TEXTS).length)
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(Object.keys(ERROR_TEXTS).map((code) => [code, exitCodeOf(code)])))
})

test('each message that it quotes is one of the program', () => {
  const raw = sources.join('\n').replaceAll("\\'", "'")
  // what varies is `…` there, and a hole of a template here
  const source = `${raw}${raw.replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '…')}`
  const quotes = rowsOf('Messages').flatMap(([seen = '']) => [...seen.matchAll(/`([^`]+)`/g)].map(([, quote = '']) => quote))
  const parts = quotes.flatMap((quote) => quote.split(/…|: |\bexpected /).map((part) => part.trim()).filter((part) => part.length > 4))
  expect([parts.length > 50, parts.filter((part) => !source.includes(part))]).toEqual([true, []])
})
