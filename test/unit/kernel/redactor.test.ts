import { describe, expect, test } from '@jest/globals'
import { messageOf } from '../../../src/kernel/error.ts'
import { Redactor } from '../../../src/kernel/redact/redactor.ts'
import { withoutUserinfo } from '../../../src/kernel/redact/userinfo.ts'

const SECRET = 'a known/secret+value'
const JWT = `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.${Buffer.from('{"sub":"somebody"}').toString('base64url')}.c2lnbmF0dXJlLW9mLWl0`
const KEY_LINE = 'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgevZzL1gdAFr88hb2'
const KEY = `-----BEGIN PRIVATE KEY-----\n${KEY_LINE}\n-----END PRIVATE KEY-----`

describe('a line of the log', () => {
  const redactor = new Redactor()
  redactor.add(SECRET)
  test.each([
    ['a known secret', SECRET],
    ['a known secret in base64', Buffer.from(`x:${SECRET}`).toString('base64')],
    ['a known secret in a URL', encodeURIComponent(SECRET)],
    ['a known secret over two lines', SECRET.replace('secret', 'sec\nret')],
    ['a token that nobody knew', JWT],
    ['a token in base64', Buffer.from(JWT).toString('base64')],
    ['a private key', KEY],
    ['a private key with an end of each line in words', KEY.replaceAll('\n', '\\n')],
    ['a password in an address', 'http://user:pass-word@proxy.test:3128/x']
  ])('holds nothing of %s', (_what, secret) => {
    const clean = redactor.redact(`before ${secret} behind`)
    expect([clean.startsWith('before '), clean.endsWith(' behind')]).toEqual([true, true])
    for (const piece of [SECRET, secret, JWT.slice(-12), KEY_LINE.slice(0, 20), 'pass-word', 'ret+value']) expect(clean).not.toContain(piece)
  })

  test('without a secret stays as it is', () => {
    const line = 'git+https://git.test:8443/p@' + 'a'.repeat(40) + ', r.test/a@sha256:12, https://npm.test/@scope/p, ann@example.com, –'
    expect(redactor.redact(line)).toBe(line)
  })
})

test.each([
  ['http://user:word@host/x', 'http://***@host/x'],
  ['https://word@host:1', 'https://***@host:1'],
  ['https://user:w@rd/x@host', 'https://***@host'],
  ['git+https://user:word@host/p@' + 'a'.repeat(40), 'git+https://***@host/p@' + 'a'.repeat(40)],
  ['{"a":"https://host/x","b":"me@host"}', '{"a":"https://host/x","b":"me@host"}'],
  ['https://host/x, me@host', 'https://host/x, me@host']
])('of the address %s %s is shown', (text, shown) => {
  expect([withoutUserinfo(text), messageOf(new Error(text))]).toEqual([shown, shown])
})

const thrownBy = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    return error
  }
}

test.each([
  ['{"a": hunter2}', 'it is no JSON'],
  ['hunter2', 'it is no JSON'],
  ['{"a": "hunter2"', 'it is no JSON at line 1, column 16'],
  ['{\n"a": "x" "hunter2"}', 'it is no JSON at line 2, column 10'],
  ['', 'it is no JSON: it ends too early'],
  ['{"a": "hun\u0007ter2"}', 'it is no JSON at line 1, column 11']
])('of %j is told what is wrong and where, and nothing of it', (text, said) => {
  expect(messageOf(thrownBy(text))).toBe(said)
})
