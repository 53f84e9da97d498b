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
