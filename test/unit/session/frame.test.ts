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
