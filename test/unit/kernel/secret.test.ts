import { inspect } from 'node:util'
import { expect, test } from '@jest/globals'
import { Redactor } from '../../../src/kernel/redact/redactor.ts'
import { Secret } from '../../../src/kernel/secret.ts'

const VALUE = 'never-shown-4711'

test('a secret shows itself to nobody but who asks', () => {
  const secret = new Secret(VALUE)
  const shown = [[secret].join(''), String(secret), JSON.stringify({ secret }), inspect({ secret }), inspect(secret, { showHidden: true, depth: 9 })]
  expect([shown.filter((text) => text.includes(VALUE)), secret.reveal()]).toEqual([[], VALUE])
})

test.each<[value: string, text: string, clean: string]>([
  ['12345678', 'a 12345678 b 12345678', 'a *** b ***'],
  ['1234567', 'a 1234567 b', 'a 1234567 b'],
  ['first-line\nsecond-line\r\nshort', 'second-line short first-line', '*** short ***'],
  ['  padded-value\t', 'x=padded-value;', 'x=***;'],
  ['a.*c(d)+[e', 'a.*c(d)+[e and abc(d)', '*** and abc(d)'],
  ['', 'nothing', 'nothing']
])('of %j is taken out of a text what is long enough', (value, text, clean) => {
  const redactor = new Redactor()
  redactor.add(value)
  expect(redactor.redact(text)).toBe(clean)
})
