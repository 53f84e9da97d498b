import { afterAll, expect, test } from '@jest/globals'
import { CommandReader } from '../../../src/session/command-reader.ts'
import { needsOf } from '../../../src/shell/needs.ts'

const reader = new CommandReader()
afterAll(() => reader.close())

/** Each calls the next one twice. */
const calls = (functions: number): string => `${Array.from({ length: functions }, (_, index) => `f${index}() { f${index + 1}; f${index + 1}; }; `).join('')}f0`

/** A list of lists: what it can be is more than any memory holds. */
const grows = (steps: number): string => `a=x; b=y; ${'for i in $a $b; do a=$a$b$i; b=$b$a$i; done; '.repeat(steps)}`

/** Each goes on for minutes, or to the end of memory, in whoever reads it. */
test.each([
  ['functions that call each other', calls(40)],
  ['commands in commands', `${'$('.repeat(60_000)}id`],
  ['commands in quotes in commands', `${'"$('.repeat(40_000)}id`],
  ['pipes to files in each other', `${'cat <('.repeat(20_000)}id`],
  ['variables that grow', grows(20_000)]
])('%s hold up nothing: what cannot be read in time is unclear', async (_what, command) => {
  let turns = 0
  const others = setInterval(() => (turns += 1), 20)
  const { unclear } = await reader.read(command)
  clearInterval(others)
  expect([typeof unclear, turns > 3]).toEqual(['string', true])
})

test('what follows is read as before, and what is known is not read again', async () => {
  const first = await reader.read('cat /etc/shadow | wc -l')
  expect(first).toEqual(needsOf('cat /etc/shadow | wc -l'))
  expect(await reader.read('cat /etc/shadow | wc -l')).toBe(first)
})

test('many that take long are not all waited for', async () => {
  const own = new CommandReader()
  const told = []
  for (let each = 0; each < 200; each += 1) told.push((await own.read(`${calls(40)} ${each}`)).unclear)
  own.close()
  expect(new Set(told)).toEqual(new Set(['it takes too long to read']))
})

test.each([
  ['names more than anybody would', Array.from({ length: 8000 }, (_, each) => `/nosuch/${each}`).join(' '), 'it names too much'],
  ['names what is longer than a path can be', `/${'x'.repeat(5000)}`, 'it names what no file can be named'],
  ['looks through more folders than there can be', '/*'.repeat(100), 'it names what no file can be named']
])('a command that %s is unclear', async (_what, named, why) => {
  const { unclear, reads } = await reader.read(`cat ${named}`)
  expect([unclear, reads]).toEqual([why, []])
})

test('what all commands name together is bounded: the rest is unclear', async () => {
  const own = new CommandReader(2000)
  const told = []
  for (let each = 0; each < 20; each += 1) told.push((await own.read(`cat /nosuch/${each}`)).unclear)
  own.close()
  expect([told[0], told.at(-1)]).toEqual([undefined, 'the profile names too much'])
})
