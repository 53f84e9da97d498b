import { expect, test } from '@jest/globals'
import { makeCertificates } from '../../support/api-server/certificates.ts'
import { load } from './load-support.ts'

const { ca, key } = makeCertificates()
const of = (text: string | undefined): unknown => {
  try {
    return load({ pod: 'web', 'ca-file': 'ca.pem' }, { files: text === undefined ? {} : { 'ca.pem': text } }).fetching.ca
  } catch (error) {
    return String((error as { problems?: readonly { got: string }[] }).problems?.map(({ got }) => got).join() ?? error)
  }
}

test('authorities come out of a file, with whatever stands between them', () => {
  expect(of(`# ours\n${ca}\nsubject=x\n${ca}`)).toBe(`${ca.trim()}\n${ca.trim()}`)
})

test.each([
  ['nothing', '', 'ca.pem: none in it'],
  ['a private key', key, 'ca.pem: none in it'],
  ['half a certificate', ca.slice(0, ca.length / 2), 'ca.pem: none in it'],
  ['a certificate that cannot be read', ca.replace(/M[A-Za-z]{8}/, 'AAAAAAAAA'), 'ca.pem: one that cannot be read'],
  ['no file', undefined, 'ca.pem: it cannot be read']
])('%s is no authority, and nothing of it is told', (_what, text, expected) => expect(of(text)).toBe(expected))
