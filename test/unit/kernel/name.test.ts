import { describe, expect, test } from '@jest/globals'
import { inert, inertJson, isLabelName, isObjectName, newRunId, printableLine } from '../../../src/kernel/name.ts'
import { hostileTexts } from '../../support/hostile-texts.ts'

describe('lines for a log', () => {
  test.each([
    ['::error::a', ': :error::a'],
    ['  \t::error::a', '  \t: :error::a'],
    ['a\n::add-mask::b\n\n ::c', 'a\n: :add-mask::b\n\n : :c'],
    ['a ::error::b', 'a ::error::b'],
    [':::', ': ::'],
    ['a ##[error]b ###[c]', 'a # #[error]b ## #[c]'],
    ['##vso[task.complete]', '# #vso[task.complete]'],
    ['## heading', '## heading'],
    ['a\r::b', 'a\\x0d::b']
  ])('%j is %j', (text, expected) => {
    expect(inert(text)).toBe(expected)
  })
})

describe('JSON for a log', () => {
  test.each(hostileTexts())('%s is quoted as it is, and does nothing', (_, text) => {
    const written = inertJson({ [text]: [text] })
    expect(JSON.parse(written)).toEqual({ [text]: [text] })
    expect(written).toMatch(/^[^\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f]*$/)
    expect(written).not.toMatch(/##\w*\[|^\s*::/)
  })
})

describe('one line', () => {
  test.each([
    ['short', 10, 'short'],
    ['a\n\tb', 10, 'a b'],
    ['0123456789', 10, '0123456789'],
    ['0123456789a', 10, '012345678…'],
    ['01234567\u{1f600}a', 10, '01234567…'],
    [`${' '.repeat(200_000)}a`, 10, '…'],
    [`a${' '.repeat(200_000)}`, 10, 'a…']
  ])('of %j, of %d characters at most, is %j', (text, limit, expected) => {
    expect(printableLine(text, limit)).toBe(expected)
  })
})

test.each<[name: string, label: boolean, object: boolean]>([
  ['a', true, true],
  ['web-1', true, true],
  ['1', true, true],
  ['a'.repeat(63), true, true],
  ['a'.repeat(64), false, true],
  ['a'.repeat(253), false, true],
  ['a'.repeat(254), false, false],
  ['web.shop', false, true],
  ['web..shop', false, false],
  ['', false, false],
  ['-web', false, false],
  ['web-', false, false],
  ['Web', false, false],
  ['web/shop', false, false],
  ['web\n', false, false],
  ['wéb', false, false]
])('%j is a name of a container: %j, of a pod: %j', (name, label, object) => expect([isLabelName(name), isObjectName(name)]).toEqual([label, object]))

test('the id of a run is a part of names', () => {
  for (let time = 0; time < 200; time += 1) expect(newRunId()).toMatch(/^[a-z0-9]{10}$/)
})
