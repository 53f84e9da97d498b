import { expect, test } from '@jest/globals'
import { ChannelReader, newNonce } from '../../../src/session/frame.ts'

const NONCE = newNonce()
const read = (...chunks: string[]): ReturnType<ChannelReader['push']> => {
  const reader = new ChannelReader(1024)
  reader.expect(NONCE)
  return chunks.map((chunk) => reader.push(Buffer.from(chunk.replaceAll('NONCE', NONCE)))).at(-1)
}

test.each<[end: string, unseen: string[]]>([
  ['NONCE:7\n', []],
  [`NONCE:7 ${Buffer.from('r/a b\0pnosuch\0').toString('hex')}\n`, ['r/a b', 'pnosuch']]
])('an answer that ends in %j', (end, unseen) => expect(read(`said${end}`)).toEqual({ bytes: Buffer.from('said'), status: 7, whole: true, unseen }))

test.each(['NONCE:\n', 'NONCE:7 xyz\n', 'NONCE:7 0\n', 'NONCE:7 00 00\n', 'NONCE:7777\n'])('no answer ends in %j', (end) =>
  expect(() => read(end)).toThrow('an end mark without an exit status came')
)

test.each([[['NONCE:7\nx']], [['saidNONCE:7\n\n']], [['NONCE:', '7\n\0']], [['NONCE:7\n', 'x']], [['NONCE:7\nNONCE:7\n']], [['NONCE:7\n', 'NONCE:7\n']]])(
  'bytes behind an end mark, as in %j, are an error',
  (chunks) => expect(() => read(...chunks)).toThrow('bytes came that belong to no command')
)

test.each([[['said', 'NONCE:0\n']], [['saidNON', 'CE:0\n']], [['saidNONCE', ':0', '\n']], ['saidNONCE:0\n'.split('')]])(
  'an answer comes in any pieces: %j',
  (chunks) => {
    const whole = chunks.join('').replaceAll('NONCE', NONCE)
    const sizes = chunks.map((chunk) => chunk.length)
    const reader = new ChannelReader(1024)
    reader.expect(NONCE)
    let at = 0
    const pieces = sizes.map((size, index) => whole.slice(at, index === sizes.length - 1 ? undefined : (at += size)))
    expect(pieces.map((piece) => reader.push(Buffer.from(piece))).at(-1)).toMatchObject({ bytes: Buffer.from('said'), status: 0 })
  }
)

test('a nonce of another frame is output like any other', () => {
  const other = newNonce()
  expect(read(`${other}:0\nNONCE:1\n`)).toMatchObject({ bytes: Buffer.from(`${other}:0\n`), status: 1 })
})

/** Each push's result for an answer of so many bytes, in pieces of so many, read with a cap of 1,024. */
const pushes = (bytes: number, piece: number): ReturnType<ChannelReader['push']>[] => {
  const reader = new ChannelReader(1024)
  reader.expect(NONCE)
  const text = Buffer.from(`${'k'.repeat(bytes)}${NONCE}:3\n`)
  return Array.from({ length: Math.ceil(text.length / piece) }, (_none, index) => reader.push(text.subarray(index * piece, (index + 1) * piece)))
}

test.each([1, 7, 100, 5000])('an answer is whole up to its cap, in pieces of %d bytes', (piece) => {
  expect(pushes(1024, piece).at(-1)).toEqual({ bytes: Buffer.alloc(1024, 'k'), status: 3, whole: true, unseen: [] })
  expect(pushes(1024, piece)).not.toContain('overflow')
  expect(pushes(1025, piece).at(-1)).toEqual({ bytes: Buffer.alloc(0), status: 3, whole: false, unseen: [] })
  expect(pushes(9999, piece).at(-1)).toMatchObject({ whole: false, status: 3 })
})

test('an answer that is too long says so at each piece until its end mark has begun', () => {
  const said = pushes(1030, 1)
  expect(said.indexOf('overflow')).toBe(1024 + NONCE.length - 1)
  expect(said.slice(1024 + NONCE.length - 1).filter((one) => one === undefined)).toHaveLength(':3'.length + 1)
})
