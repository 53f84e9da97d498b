import { describe, expect, test } from '@jest/globals'
import { harmless, linesOf } from '../../../src/cluster/plugin-words.ts'

const JWT = `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.${Buffer.from('{"sub":"x"}').toString('base64url')}.c2lnbmF0dXJl`

describe('what a credential plugin says for people is shown', () => {
  test.each([
    'To sign in, open https://microsoft.com/devicelogin and enter the code ABCD1234',
    'error: the session of profile prod-eu-west-1 has expired; run aws sso login',
    'could not read /home/runner/.config/gcloud/application_default_credentials.json',
    'getting credentials: exec: executable aws-iam-authenticator not found'
  ])('as it is: %s', (line) => {
    expect(harmless(line, [])).toBe(line)
  })

  test.each([
    ['a JSON Web Token', `got ${JWT} from the server`, JWT],
    ['what is called a token', 'token=abc123 is refused', 'abc123'],
    ['what is called a secret', 'AWS_SECRET_ACCESS_KEY: hunter2!', 'hunter2!'],
    ['what is called a password', 'the password is hunter22', 'hunter22'],
    ['what nobody can read', 'sent k8s-aws-v1aHR0cHM6Ly9zdHMuZXUtd2VzdC0xLmFtYXpvbmF3cw', 'aHR0cHM6Ly9zdHM'],
    ['what looks drawn by lot', 'refused Zq7XwKv9Bn3Jd5Lp8Tc', 'Zq7XwKv9'],
    ['what it was given', 'cannot use my-own-words', 'my-own-words'],
    ['a password in an address', 'GET https://me:hunter2@example.test failed', 'hunter2']
  ])('without %s', (_what, line, secret) => {
    const clean = harmless(line, ['my-own-words', 'x'])
    expect([clean.includes(secret), clean !== '']).toEqual([false, true])
  })

  test('without what acts on a terminal', () => {
    expect(harmless('a\u001b[31mb', [])).toBe('a\\x1b[31mb')
  })
})

test('output becomes lines as it comes; blank ones are left out', () => {
  const lines: string[] = []
  const cut = linesOf((line) => void lines.push(line))
  cut.add(Buffer.from('\n\n  \r\nfirst\nsec'))
  expect(lines).toEqual(['first'])
  cut.add(Buffer.from('ond\rthird'))
  expect(lines).toEqual(['first', 'second'])
  cut.end()
  cut.end()
  expect(lines).toEqual(['first', 'second', 'third'])
  cut.add(Buffer.from('x'.repeat(20_000)))
  expect(lines.length).toBe(4)
})
