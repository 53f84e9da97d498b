import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'csv-parse/sync'
import { Redactor } from '../../../src/kernel/redact/redactor.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import { csvCell, html, markdown, markdownLines, sarifMessage, xml } from '../../../src/report/escape.ts'
import { redact, showFound } from '../../../src/kernel/redact/redact.ts'
import { readXml } from './xml.ts'
import { processorTime } from '../../support/processor-time.ts'

const MARK = { known: '[redacted by kscan: known secret]', key: '[redacted by kscan: private key]', jwt: '[redacted by kscan: JWT]' } as const

/** The text without secrets, and what was found. */
const run = (text: string, ...known: readonly string[]): readonly [text: string, found: string] => {
  const redactor = new Redactor()
  for (const value of known) redactor.add(value)
  const { bytes, found } = redact(Buffer.from(text), redactor.secrets())
  return [Buffer.from(bytes).toString(), showFound(found)]
}

const base64url = (text: string): string => Buffer.from(text).toString('base64url')
const token = (header: object, ...parts: readonly string[]): string => [base64url(JSON.stringify(header)), ...parts].join('.')
const JWT = token({ alg: 'RS256', kid: 'k_1' }, base64url('{"iss":"someone"}'), 'c2ln_bmF0-dXJl')

const pem = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trimEnd()
const rows = pem.split('\n').slice(1, -1)

/** A text as the formats write it. */
const SPELLINGS: readonly (readonly [string, (text: string) => string])[] = [
  ['plain text', (text) => text],
  ['JSON', (text) => JSON.stringify(text)],
  ['JSON in JSON', (text) => JSON.stringify(JSON.stringify(text))],
  ['JSON in JSON in JSON', (text) => JSON.stringify(JSON.stringify(JSON.stringify(text)))],
  ['JSON of ASCII only', (text) => JSON.stringify(text).replace(/[^ -~]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)],
  ['SARIF', (text) => JSON.stringify(sarifMessage(text, 2000))],
  ['XML', xml],
  ['HTML', (text) => html(text)],
  ['HTML in HTML', (text) => html(html(text))],
  ['HTML in JSON', (text) => JSON.stringify(html(text))],
  ['Markdown', (text) => markdown(text, 4000)],
  ['lines of Markdown', (text) => markdownLines(text, 4000)],
  ['CSV', csvCell],
  ['a URL', encodeURIComponent],
  ['a form', (text) => new URLSearchParams({ text }).toString()]
]

describe('a known secret', () => {
  const SECRETS = ['correct-horse/battery+staple==', String.raw`p"q\w<x>&'y'{z}|[0]_*$^`, 'geh€im-ü\u{1f600}ber-alles', '(a+)+$.*(b|c)', 'a b c "" d\\\\e']

  test.each(SPELLINGS)('is found in %s', (_name, spell) => {
    for (const secret of SECRETS) expect([secret, run(spell(`before ${secret} after`), secret)[1]]).toEqual([secret, 'known secret (1)'])
  })

  test.each(['base64', 'base64url'] as const)('is found in %s, wherever its first byte comes to lie', (encoding) => {
    for (const before of ['', 'a', 'ab', 'abc']) {
      const [clean, found] = run(Buffer.from(`${before}geh€im+ü/>?>?~~ and more`).toString(encoding), 'geh€im+ü/>?>?~~')
      expect([found, clean.includes(MARK.known)]).toEqual(['known secret (1)', true])
    }
  })

  test('is found broken over lines, at each of its characters, in each kind of line', () => {
    const secret = 'abc-defghij0123456789'
    for (const [name, spell] of SPELLINGS)
      for (let at = 1; at < secret.length; at += 1)
        expect([name, at, run(spell(`x ${secret.slice(0, at)}\n${secret.slice(at)}`), secret)[1]]).toEqual([name, at, 'known secret (1)'])
    expect(run(`${Buffer.from(secret.repeat(9)).toString('base64').slice(0, 60)}\n`, secret.repeat(2))[1]).toBe('known secret (1)')
  })

  test('is taken line by line when it has several', () => {
    expect(run('{"a":"first-line\\nsecond-line"}', 'first-line\nsecond-line')).toEqual([`{"a":"${MARK.known}\\n${MARK.known}"}`, 'known secret (2)'])
  })

  test('is taken out as often as it is there, also next to itself and to others', () => {
    const [one, other] = ['abcdefgh', 'ijklmnop']
    expect(run(`${one}${one}${other}${JWT}`, one, other)[0]).toBe(`${MARK.known.repeat(3)}${MARK.jwt}`)
    expect(run('abababababab', 'abababab')[0]).toBe(`${MARK.known}abab`)
  })

  test('that is a part of another, or overlaps it, is one finding with it', () => {
    expect(run('x abcdefghijkl y', 'abcdefghijkl', 'cdefghij')).toEqual([`x ${MARK.known} y`, 'known secret (1)'])
    expect(run('x abcdefghijkl y', 'abcdefgh', 'efghijkl')).toEqual([`x ${MARK.known} y`, 'known secret (1)'])
    expect(run(`x ${JWT} y`, JWT)).toEqual([`x ${MARK.known} y`, 'known secret (1)'])
  })

  test('of less than eight characters is left', () => {
    expect(run('{"password":"hunter2"}', 'hunter2')).toEqual(['{"password":"hunter2"}', ''])
  })

  test('is not found in what only resembles it', () => {
    for (const text of ['abcdefg', 'abcdefgx', '1234567', '12345678', 'ABCDEFGH', 'a.b.c.d.e.f.g.h', 'abcd\n\n\n\nefgh'])
      expect(run(text, 'abcdefgh', '1234567%', '12345678%')).toEqual([text, ''])
  })
})

describe('a JSON Web Token', () => {
  test('is found in JSON, in a URL, behind a line break that is escaped, and next to other words', () => {
    expect(run(JSON.stringify({ a: JWT, b: `x\n${JWT}\n` }))).toEqual([`{"a":"${MARK.jwt}","b":"x\\n${MARK.jwt}\\n"}`, 'JWT (2)'])
    expect(run(`https://h.example/?token=${JWT}&x=1`)[0]).toBe(`https://h.example/?token=${MARK.jwt}&x=1`)
    expect(run(`token_eyJ-${JWT}`)[0]).toBe(`token_eyJ-${MARK.jwt}`)
    expect(run(`${JWT}${JWT}`)).toEqual([MARK.jwt, 'JWT (1)'])
  })

  test.each(SPELLINGS)('is found in %s', (_name, spell) => {
    const [clean, found] = run(spell(`"token": ${JWT}`))
    expect([found, clean.includes('eyJ'), clean.includes('dXJl')]).toEqual(['JWT (1)', false, false])
  })

  test('is taken whole without a signature, or encrypted', () => {
    expect(run(`${token({ alg: 'none' }, 'eyJ9', '')} x`)[0]).toBe(`${MARK.jwt} x`)
    expect(run(`${token({ alg: 'dir', enc: 'A128GCM' }, '', 'aXY', 'dGV4dA', 'dGFn')} x`)[0]).toBe(`${MARK.jwt} x`)
  })

  test('is found in base64, as Secrets hold it, also broken into lines', () => {
    const encoded = Buffer.from(JWT.repeat(2)).toString('base64')
    expect(run(`data: {token: ${encoded}}`)).toEqual([`data: {token: ${MARK.jwt}}`, 'JWT (1)'])
    expect(run(JSON.stringify(`${encoded.replace(/.{76}/g, '$&\n')}\nnext`))).toEqual([`"${MARK.jwt}\\nnext"`, 'JWT (1)'])
  })

  test.each([
    ['a header alone', token({ alg: 'none' })],
    ['two parts', token({ alg: 'none' }, 'eyJ9')],
    ['a header that is no JSON', 'eyJhbGci.eyJpc3Mi.c2ln'],
    ['a header without an algorithm', token({ typ: 'JWT' }, 'eyJ9', 'c2ln')],
    ['base64 of other JSON', Buffer.from('{"alg": "none"}').toString('base64')]
  ])('%s is none', (_name, text) => {
    expect(run(text)).toEqual([text, ''])
  })
})

describe('a private key', () => {
  test.each(SPELLINGS)('is found in %s', (_name, spell) => {
    const [clean, found] = run(spell(`before\n${pem}\nafter`))
    expect([found, clean.includes('before'), clean.includes('after')]).toEqual(['private key (1)', true, true])
    for (const row of rows) expect(clean).not.toContain(row.slice(0, 8))
  })

  test.each(SPELLINGS)('is found in %s when it is cut off', (_name, spell) => {
    const [clean, found] = run(spell(`before\n${pem.slice(0, 300)}… (1234 characters more)`))
    expect([found, clean.includes('before')]).toEqual(['private key (1)', true])
    for (const row of rows) expect(clean).not.toContain(row.slice(0, 8))
  })

  test.each([
    ['RSA', 'RSA '],
    ['EC', 'EC '],
    ['OpenSSH', 'OPENSSH '],
    ['encrypted', 'ENCRYPTED ']
  ])('of the kind %s is found', (_name, kind) => {
    expect(run(pem.replaceAll('PRIVATE', `${kind}PRIVATE`))).toEqual([MARK.key, 'private key (1)'])
  })

  test('with fields before its base64 is found, whole or cut off', () => {
    const openpgp = pem.replaceAll('KEY', 'KEY BLOCK').replace('\n', '\nVersion: 1\nComment: x y\n\n')
    const encrypted = pem.replace('\n', '\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0123456789ABCDEF\n\n')
    for (const text of [openpgp, encrypted]) {
      expect(run(text)[0]).toBe(MARK.key)
      expect(run(`${text.slice(0, 400)}\n\nthe end`)[0]).toBe(`${MARK.key}\n\nthe end`)
    }
  })

  test('and others beside it are found one by one', () => {
    expect(run(`${pem}\n${pem}${pem}`)).toEqual([`${MARK.key}\n${MARK.key}${MARK.key}`, 'private key (3)'])
    expect(run(`${pem.slice(0, 200)}\n${pem}\nend`)).toEqual([`${MARK.key}\n${MARK.key}\nend`, 'private key (2)'])
  })

  test('that is cut off ends with its string, its element, its cell or its lines', () => {
    const half = pem.slice(0, 200)
    expect(run(JSON.stringify({ a: half, b: [`\\"${half}\\"`], c: pem }, null, 2))[0]).toBe(
      JSON.stringify({ a: MARK.key, b: [`\\"${MARK.key}\\"`], c: MARK.key }, null, 2)
    )
    expect(run(`<p>${half}</p><p>-----END PRIVATE KEY-----</p>`)[0]).toBe(`<p>${MARK.key}</p><p>-----END PRIVATE KEY-----</p>`)
    expect(run(`| ${half.replaceAll('\n', ' ')} | next |\n`)[0]).toBe(`| ${MARK.key}| next |\n`)
    expect(run(`# Title\n\n${half}\n\nText, and more text.\n${'line\n'.repeat(9)}`)[0]).toBe(
      `# Title\n\n${MARK.key}\n\nText, and more text.\n${'line\n'.repeat(9)}`
    )
    expect(run(`${half}\nText.\n${'more text.\n'.repeat(10_000)}-----END PRIVATE KEY-----`)[0]).toContain(`${MARK.key}\nText.\nmore`)
  })

  test('is found in base64, as Secrets and kubeconfigs hold it', () => {
    const encoded = Buffer.from(`${pem}\n`).toString('base64')
    expect(run(`client-key-data: ${encoded}\nuser: x`)).toEqual([`client-key-data: ${MARK.key}\nuser: x`, 'private key (1)'])
    expect(run(encoded.replace(/.{76}/g, '$&\n').trimEnd())[0]).toBe(MARK.key)
  })

  test.each([
    ['its first line, alone', '-----BEGIN PRIVATE KEY-----'],
    ['a check that looks for it', String.raw`"code":"its('content') { should_not match /-----BEGIN (RSA )?PRIVATE KEY-----/ }\n"`],
    ['a check that looks for it plainly', String.raw`"code":"its('content') { should_not match /-----BEGIN PRIVATE KEY-----/ }\n"`],
    ['a public key', pem.replaceAll('PRIVATE', 'PUBLIC')],
    ['a certificate', pem.replaceAll('PRIVATE KEY', 'CERTIFICATE')]
  ])('is not %s', (_name, text) => {
    expect(run(text)).toEqual([text, ''])
  })
})

describe('what is left', () => {
  const hostile = [pem, pem.slice(0, 200), JWT, 'nabcdefgh', 'abcdef"gh', 'abcdefgh\\', '"abcdefgh"', 'abcdefgh{'].flatMap((secret) =>
    ['', '\\', '\\\\', '"', '\n', '"\\', '&', '<', "'", ';-', '\u00fc'].flatMap((near) => [`${near}${secret}${near}`, `x${near}${secret}`])
  )
  const known = ['nabcdefgh', 'abcdef"gh', 'abcdefgh\\', '"abcdefgh"', 'abcdefgh{']

  test('is well-formed JSON, also of JSON in it', () => {
    for (const text of hostile) {
      const [outer] = run(JSON.stringify({ text, more: [JSON.stringify({ text })] }), ...known)
      const { more } = JSON.parse(outer) as { more: [string] }
      expect([text, Object.keys(JSON.parse(more[0]) as object)]).toEqual([text, ['text']])
    }
  })

  test('is well-formed XML', () => {
    for (const text of hostile) expect(() => readXml(run(`<a b="${xml(text)}">${xml(text)}</a>`, ...known)[0])).not.toThrow()
  })

  test('is a table of as many cells', () => {
    for (const text of hostile) {
      const cells = parse(run(`${csvCell('a')},${csvCell(text)},${csvCell(text)},${csvCell('b')}\r\n`, ...known)[0])
      expect(cells).toEqual([['a', expect.stringContaining('redacted'), expect.stringContaining('redacted'), 'b']])
    }
  })

  test('is the same bytes when nothing is found, whatever they are', () => {
    const bytes = Uint8Array.from({ length: 1024 }, (_, index) => index % 256)
    expect(redact(bytes, [new Secret('zyxwvutsrq')])).toEqual({ bytes, found: new Map() })
  })

  test('is the same bytes around what is found', () => {
    const around = Buffer.from(Array.from({ length: 256 }, (_, index) => index))
    const { bytes } = redact(Buffer.concat([around, Buffer.from(' zyxwvutsrq '), around]), [new Secret('zyxwvutsrq')])
    expect(Buffer.from(bytes)).toEqual(Buffer.concat([around, Buffer.from(` ${MARK.known} `), around]))
  })
})

/** Enough for what is not linear to take minutes. */
const many = (piece: string): readonly [piece: string, length: number] => [piece, 1_000_000]

test.each([
  ['eyJ', 10_000_000],
  ['-----BEGIN PRIVATE KEY-----', 10_000_000],
  ...['eyJ.', `eyJ${'a'.repeat(50)}`, 'eyJhbGciOiJub25lIn0.', 'ZXlK', 'ZXlK ', 'LS0tLS1CRUdJTi', '-----BEGIN PRIVATE KEY-----MIIEvQIBADAN'].map(many),
  ...['-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN\n!\n', '-', '\\', '\n', '\\n', '+', '"', 'a\n', '&#45;', 'abcd-efgh'].map(many)
])('a text of %j, again and again, is searched in time', (piece, length) => {
  const known = ['abcd-efghx', `${'\\"'.repeat(20)}x`, 'LS0tLS1CRUdJTiBQUklW', JWT].map((value) => new Secret(value))
  expect(processorTime(() => redact(Buffer.alloc(length, piece), known))).toBeLessThan(2000)
})

test.each(['{{{{}}}}}', '<<<<>>>>>', '&&&&&&&&&', '"e"<<<<<<<<'])('the known value %s, of little but markup, is left, and ends', (value) => {
  const bytes = Buffer.from('some e text "e" {{{{}}}}} & more')
  expect(redact(bytes, [new Secret(value)]).bytes).toEqual(bytes)
})

test('a known value with all that calls somebody is found in Markdown', () => {
  const value = 'Pa55:w0rd:@home#2026!9xyz'
  expect(redact(Buffer.from(markdown(`x ${value} y`)), [new Secret(value)]).found).toEqual(new Map([['known secret', 1]]))
})

describe('what is not as it was', () => {
  const newKey = (): string[] => {
    const [privateKeyEncoding, publicKeyEncoding] = [{ type: 'pkcs8', format: 'pem' } as const, { type: 'spki', format: 'pem' } as const]
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding, publicKeyEncoding })
    const made = privateKey.trim().split('\n')
    return /[0-9+/=]/.test(made.at(-2) ?? '') ? made : newKey() // a last line of letters alone may be a word, and stays
  }
  const lines = newKey()

  test.each([
    ['a list in Ruby', `[${lines.map((line) => `"${line}\\n"`).join(', ')}]`],
    ['numbers of lines', lines.map((line, index) => `${index + 1}:${line}`).join('\n')],
    ['the name of the file', lines.map((line) => `etc/ssl/private/server.key:${line}`).join('\n')],
    ['marks of ends of lines', lines.map((line) => `${line}$`).join('\n')],
    ['comments', lines.map((line) => `# ${line}`).join('\n')],
    ['a log', lines.map((line) => `2026-11-24T10:00:00.000Z stdout F ${line}`).join('\n')],
    ['a list in JSON', JSON.stringify(lines)]
  ])('the lines of a private key in %s are found, and what stands between them stays', (_, text) => {
    const { bytes, found } = redact(Buffer.from(text), [])
    const clean = Buffer.from(bytes).toString()
    expect(lines.slice(1, -1).filter((line) => clean.includes(line))).toEqual([])
    expect([...found.keys()].some((kind) => kind.includes('private key'))).toBe(true)
    if (text.startsWith('["')) expect(clean.match(/"/g)?.length).toBe(text.match(/"/g)?.length)
  })

  test('a last line without a digit is known by its end', () => {
    const text = JSON.stringify([...lines.slice(0, -2), 'UbjgBofGXgltZdqWrziHJwE=', lines.at(-1)])
    expect(Buffer.from(redact(Buffer.from(text), []).bytes).toString()).not.toContain('UbjgBofGXgltZdqWrziHJwE')
  })

  test('what only speaks of keys stays', () => {
    const text = `expected no "BEGIN RSA PRIVATE KEY" in /usr/share/doc/packages/openssl/README.Debian.gz, sha256 ${'0123456789abcdef'.repeat(4)}`
    expect(redact(Buffer.from(text), []).found.size).toBe(0)
  })

  test('a known value that a report cut is found from eight characters on', () => {
    const secret = [new Secret('ghp_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789')]
    expect(Buffer.from(redact(Buffer.from('token ghp_AbCdEfGhIj…'), secret).bytes).toString()).toBe('token [redacted by kscan: known secret]…')
    expect(redact(Buffer.from('token ghp_…'), secret).found.size).toBe(0)
  })

  test.each(['{ "alg": "RS256" }', '{\n"alg":"none"}', '{\t"alg":"none"}'])('a JWT with the header %j is found', (header) => {
    const token = `${Buffer.from(header).toString('base64url')}.e30.c2lnbmF0dXJl`
    expect(redact(Buffer.from(`x ${token} y`), []).found).toEqual(new Map([['JWT', 1]]))
  })

  test.each(['BEGIN PRIVATE KEY', `BEGIN PRIVATE KEY ${'aB1+'.repeat(20)}`, 'ey', 'ewo', 'A'.repeat(50)])('a flood of %s is searched in time', (piece) => {
    const known = [new Secret('ghp_AbCdEfGhIjKlMnOpQrStUvWxYz0123456789')]
    expect(processorTime(() => redact(Buffer.alloc(10_000_000, piece), known))).toBeLessThan(4000)
  })
})
