import type { Random } from '../../support/random.ts'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Texts that no well-behaved program writes, in place of any value. */
const RAW = [
  '1e999',
  '-1e999',
  '9007199254740993',
  '-0',
  '1e-400',
  '9'.repeat(400),
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\u0000\\u001b[31m\\n\\u202e"',
  'null',
  'true',
  'false',
  '0',
  '-1',
  '0.5',
  '""',
  '"passed"',
  '"failed"',
  '[]',
  '{}',
  '[[]]',
  '{"":null}',
  '{"__proto__":{"status":"passed"}}',
  '{"constructor":{"prototype":{"status":"passed"}}}',
  'NaN',
  'undefined',
  "'x'",
  '0x10',
  '01',
  `${'['.repeat(300)}${']'.repeat(300)}`,
  '"2999-12-31"',
  '"true"'
] as const

const KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'status',
  'results',
  'controls',
  'waiver_data',
  'impact',
  'backtrace',
  'profiles',
  'parent_profile',
  '',
  '\ud800'
]

/** Stands where a raw text goes; no such character is in the seeds. */
const MARK = '\u2603'

/** JSON in which one to three places are changed: another value, a key less, a key more, a key twice. */
export const changeJson = (seed: Json, random: Random): string => {
  const value = structuredClone(seed)
  const raw: string[] = []
  for (let left = 1 + random.below(3); left > 0; left -= 1) change(value, random, raw)
  return JSON.stringify(value).replace(new RegExp(`"${MARK}(\\d+)"`, 'g'), (_, index) => raw[Number(index)] ?? '')
}

const change = (value: Json, random: Random, raw: string[]): void => {
  const place = random.pick(containers(value))
  const put = (): string => `${MARK}${raw.push(random.pick(RAW)) - 1}`
  if (Array.isArray(place)) {
    const index = random.below(place.length + 1)
    const kind = random.below(4)
    if (kind === 0) place.splice(index, 1)
    else if (kind === 1) place.splice(index, 0, put())
    else if (kind === 2 && place.length > 0) place.push(structuredClone(random.pick(place)))
    else place[Math.min(index, Math.max(0, place.length - 1))] = put()
    return
  }
  const keys = Object.keys(place)
  const key = random.below(4) === 0 || keys.length === 0 ? random.pick(KEYS) : random.pick(keys)
  if (random.below(4) === 0) delete place[key]
  else Object.defineProperty(place, key, { value: put(), enumerable: true, configurable: true, writable: true })
}

const containers = (value: Json): (Json[] | { [key: string]: Json })[] =>
  typeof value !== 'object' || value === null ? [] : [value, ...Object.values(value).flatMap(containers)]

const utf16 = (bytes: Uint8Array): Buffer => Buffer.from(`\ufeff${Buffer.from(bytes).toString()}`, 'utf16le')

const PIECES = [
  '\0',
  '\ufeff',
  '\r\n',
  '\r',
  '\t',
  '{',
  '}',
  '[',
  ']',
  '"',
  "'",
  ':',
  ',',
  '\\',
  '&a ',
  '*a',
  '!!binary ',
  '!x ',
  '<<: ',
  '- ',
  '? ',
  '---\n',
  '...\n',
  '%YAML 1.1\n',
  '#',
  '|',
  '>',
  '9'.repeat(400),
  '1e999',
  '__proto__'
]

/** Bytes that are cut, flipped, doubled, put in another coding, or have something put into them. */
export const changeBytes = (seed: Uint8Array, random: Random): Buffer => {
  const bytes = Buffer.from(seed)
  const at = random.below(bytes.length + 1)
  const to = at + random.below(20)
  switch (random.below(8)) {
    case 0:
      return bytes.subarray(0, at)
    case 1:
      if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
      return bytes
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(to)])
    case 3:
      return Buffer.concat([bytes.subarray(0, to), bytes.subarray(at)])
    case 4:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([random.pick([0xff, 0xc0, 0x80, 0xed, 0xf8])]), bytes.subarray(at)])
    case 5:
      return random.below(20) === 0 ? utf16(bytes) : Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes.subarray(at === 0 ? 0 : random.below(3))])
    case 6:
      return Buffer.from(bytes.toString().replaceAll('\n', random.pick(['\r\n', '\r', '\n\n', '\u2028'])))
    default:
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(random.pick(PIECES)), bytes.subarray(at)])
  }
}

const deep = (open: string, inner = '', close = ''): string => `${open.repeat(100_000)}${inner}${close.repeat(100_000)}`

const BOMB = [
  'a: &a [x, x, x, x, x, x, x, x, x]',
  ...'bcdefghi'.split('').map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(', ')}]`)
].join('\n')

/** Texts that have exhausted parsers. */
export const EXHAUSTING: readonly (readonly [name: string, text: string])[] = [
  ['no text', ''],
  ['a zero byte', '\0'],
  ['a mark of UTF-8 alone', '\ufeff'],
  ['open brackets', deep('[')],
  ['open braces', deep('{')],
  ['brackets', deep('[', '', ']')],
  ['objects', deep('{"a":', '1', '}')],
  ['flow mappings', deep('{a: ')],
  ['lists on one line', deep('- ')],
  ['keys on one line', deep('? ')],
  ['indented mappings', Array.from({ length: 500 }, (_, index) => `${' '.repeat(index)}a:`).join('\n')],
  ['stairs of lists', Array.from({ length: 30 }, (_, index) => `${' '.repeat(200 * index)}${'- '.repeat(99)}`).join('\n')],
  ['many keys', Array.from({ length: 3000 }, (_, index) => `k${index}: 1`).join('\n')],
  ['one key many times', 'a: 1\n'.repeat(3000)],
  ['many bounds, one many times', Array(3000).fill('failed.total.max: 0').join(', ')],
  ['a billion laughs', BOMB],
  ['an alias of itself', 'a: &a [*a]'],
  ['many aliases', `x: &a 1\n${Array.from({ length: 1000 }, (_, index) => `k${index}: *a`).join('\n')}`],
  ['quotes', '"'.repeat(20_000)],
  ['spaces behind a bound', `failed.total.max: 1${' '.repeat(100_000)}x`],
  ['commas behind a bound', `failed.total.max: 1${','.repeat(100_000)}`],
  ['a long key', `${'a'.repeat(1_000_000)}: 1`],
  ['a dotted key', `${'a.'.repeat(100_000)}b: 1`],
  ['a long value', `failed: ${'a'.repeat(1_000_000)}`]
]
