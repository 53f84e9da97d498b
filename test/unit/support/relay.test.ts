import { PassThrough } from 'node:stream'
import { expect, test } from '@jest/globals'
import { relay } from '../../support/fault-proxy/relay.ts'

test('of a stream that is cut nothing comes that was sent behind the cut', async () => {
  const [upstream, socket] = [new PassThrough(), new PassThrough()]
  const got: Buffer[] = []
  socket.on('data', (chunk: Buffer) => got.push(chunk))
  const closed = new Promise<void>((resolve) => void socket.once('close', resolve))
  relay(upstream, socket, { onStatus: () => undefined, cutAfter: 4, dropAnswer: false })
  for (const part of ['HTTP/1.1 101 Switching\r\n\r\n', 'one', 'two', 'three', 'four']) upstream.write(part)
  await closed
  expect(Buffer.concat(got).toString().split('\r\n\r\n')[1]).toBe('onet')
})
