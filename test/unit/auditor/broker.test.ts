import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Broker, type BrokerOptions, openBroker } from '../../../src/auditor/broker.ts'
import { encodeFrame, FrameDecoder, type WireFrame } from '../../../src/auditor/wire.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import type { ScanError } from '../../../src/kernel/error.ts'
import type { CommandOutcome } from '../../../src/session/command.ts'
import { Evidence } from '../../../src/session/evidence.ts'
import { Session } from '../../../src/session/session.ts'
import { type Question, Transcript } from '../../../src/session/transcript.ts'
import { localStream } from '../../support/local-stream.ts'
import { processorTime } from '../../support/processor-time.ts'

let folder = ''
let session: Session
let broker: Broker
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'broker-'))
  session = await Session.open({ open: localStream('/bin/sh'), clock: systemClock })
})
afterEach(async () => {
  await broker.close()
  await session.close()
  rmSync(folder, { recursive: true })
})

/** The auditor's side of the socket: sends a frame, and waits for the answer to it. */
class Plugin {
  readonly #socket: Socket
  readonly #waiting = new Map<number, (frame: WireFrame) => void>()
  #id = 0

  constructor() {
    const decoder = new FrameDecoder()
    this.#socket = connect(broker.socket)
    this.#socket.on('data', (chunk) => {
      for (const frame of decoder.push(Buffer.from(chunk))) this.#waiting.get(Number(frame.header['id']))?.(frame)
    })
  }

  ask(header: Readonly<Record<string, unknown>>, text = ''): Promise<WireFrame> {
    const id = (this.#id += 1)
    this.#socket.write(encodeFrame({ ...header, id }, [Buffer.from(text)]))
    return new Promise((resolve) => this.#waiting.set(id, resolve))
  }

  tell(header: Readonly<Record<string, unknown>>): void {
    this.#socket.write(encodeFrame({ verb: 'event', ...header }))
  }

  hello(): Promise<WireFrame> {
    return this.ask({ verb: 'hello', protocol: 1, token: broker.token.reveal() })
  }
}

const open = async (evidence: Evidence, transcript?: Transcript, more: Partial<BrokerOptions> = {}): Promise<Plugin> => {
  broker = await openBroker({
    folder,
    run: (command, timeout) => session.run(command, timeout),
    inspect: (code, timeout) => session.inspect(code, timeout),
    commandTimeout: 10_000,
    containerDetection: 'native',
    evidence,
    asides: evidence,
    transcript,
    onEvent: () => {},
    onFailure: () => {},
    ...more
  })
  const plugin = new Plugin()
  await plugin.hello()
  return plugin
}

/** What is the same in each run: without hashes and times. */
const shown = ({ asked, answer, controls, all, reasons }: Question): unknown[] => [
  asked.kind,
  asked.text,
  answer === undefined ? 'none' : [answer.status, answer.stdout.output?.text, answer.stderr.output?.text],
  [...controls],
  all,
  reasons[0]?.text
]

test('every question that was answered is in the transcript, with the control that asked', async () => {
  const evidence = new Evidence()
  const transcript = new Transcript('full')
  const plugin = await open(evidence, transcript)
  const file = join(folder, 'a b')
  writeFileSync(file, 'content\n')
  const command = await plugin.ask({ verb: 'exec' }, 'echo out; echo err >&2; exit 3')
  const read = await plugin.ask({ verb: 'file', want: 'content' }, file)
  const facts = await plugin.ask({ verb: 'file', want: 'facts' }, join(folder, 'nosuch'))
  const late = await plugin.ask({ verb: 'exec', timeout: 0.3 }, 'sleep 2')
  plugin.tell({ event: 'asked', command: command.header['command'], control: 'a' })
  plugin.tell({ event: 'asked', command: command.header['command'], control: 'b' })
  plugin.tell({ event: 'asked', command: read.header['command'] })
  plugin.tell({ event: 'asked', command: late.header['command'], control: 'late' })
  const missing = await plugin.ask({ verb: 'exec' }, 'nosuchprogram 2>/dev/null')
  expect([command, read, facts, late, missing].map(({ header }) => [header['kind'], header['command']])).toEqual([
    ['done', 0],
    ['done', 1],
    ['done', 2],
    ['timed-out', 3],
    ['done', 4]
  ])
  const questions = transcript.questions(evidence)
  expect(questions.map(shown)).toEqual([
    ['command', 'echo out; echo err >&2; exit 3', [3, 'out\n', 'err\n'], ['a', 'b'], false, undefined],
    ['content', file, [0, 'content\n', ''], [], true, undefined],
    ['facts', join(folder, 'nosuch'), [0, expect.stringMatching(/^00\n/), ''], [], false, undefined],
    ['command', 'sleep 2', 'none', ['late'], false, expect.stringContaining('0.3 s')],
    ['command', 'nosuchprogram 2>/dev/null', [127, '', ''], [], false, expect.stringContaining('not in the image')]
  ])
  expect(questions[3]?.milliseconds).toBeGreaterThanOrEqual(290)
})

test('who asked after a condition that was not met is noted as such', async () => {
  const evidence = new Evidence()
  const plugin = await open(evidence)
  const { header } = await plugin.ask({ verb: 'exec' }, 'nosuchprogram')
  for (const asker of [{ control: 'a' }, { control: 'b', skipped: true }, { file: 'controls/c.rb', skipped: true }])
    plugin.tell({ event: 'asked', command: header['command'], ...asker })
  await plugin.ask({ verb: 'exec' }, ':')
  expect(evidence.restOn(Number(header['command']))).toMatchObject({
    controls: new Set(['a']),
    files: new Set(),
    skipped: { controls: new Set(['b']), files: new Set(['controls/c.rb']) },
    all: false
  })
  expect(evidence.lacks()).toHaveLength(1)
})

test.each([
  ['a regular file that cannot be read is no answer', '/proc/self/mem', 'unreadable:/proc/self/mem'],
  ['that there is no such file is one', '/nosuch', undefined],
  ['that it is no regular file is one', '/', undefined]
])('of what a file holds, %s', async (_what, file, cause) => {
  const evidence = new Evidence()
  const plugin = await open(evidence)
  const { header } = await plugin.ask({ verb: 'file', want: 'content' }, file)
  expect([header['kind'], header['found'], evidence.restOn(Number(header['command']))?.reasons[0]?.cause]).toEqual(['done', false, cause])
})

test('a profile may shorten the time of a command, and never make it longer', async () => {
  const times: number[] = []
  const run = (_command: Uint8Array, timeout: number): Promise<{ kind: 'lost'; message: string }> => {
    times.push(timeout)
    return Promise.resolve({ kind: 'lost', message: 'it is of no matter here' })
  }
  const plugin = await open(new Evidence(), undefined, { run })
  times.length = 0
  for (const timeout of [1.5, 3600, null, undefined]) await plugin.ask({ verb: 'exec', ...(timeout === undefined ? {} : { timeout }) }, ':')
  expect(times).toEqual([1500, 10_000, 10_000, 10_000])
})

test('the auditor is told the same without one', async () => {
  const told: WireFrame[][] = []
  for (const transcript of [undefined, new Transcript('hashes')]) {
    const plugin = await open(new Evidence(), transcript)
    const asked = [plugin.ask({ verb: 'exec' }, 'echo out; exit 3'), plugin.ask({ verb: 'file', want: 'facts' }, '/nosuch')]
    told.push([...(await Promise.all(asked)), await plugin.ask({ verb: 'file', want: 'content' }, '/nosuch')])
    await broker.close()
  }
  expect(told[0]).toHaveLength(3)
  expect(told[0]?.[0]?.sections.map(String)).toEqual(['out\n', ''])
  expect(told[0]).toEqual(told[1])
})

/** A side of the socket that says what it likes, and reads nothing. */
const deaf = async (more: Partial<BrokerOptions>): Promise<Socket> => {
  const evidence = new Evidence()
  broker = await openBroker({
    folder,
    run: () => Promise.resolve({ kind: 'lost', message: '' }),
    inspect: () => Promise.resolve({ kind: 'lost', message: '' }),
    commandTimeout: 10_000,
    containerDetection: 'native',
    evidence,
    asides: evidence,
    onEvent: () => {},
    onFailure: () => {},
    ...more
  })
  const socket = connect(broker.socket)
  socket.on('error', () => {})
  socket.pause()
  socket.write(encodeFrame({ verb: 'hello', protocol: 1, id: 0, token: broker.token.reveal() }))
  return socket
}

test('who does not read the answers gets no more of them', async () => {
  let asked = 0
  const run = (): Promise<CommandOutcome> => {
    asked += 1
    return Promise.resolve({ kind: 'done', status: 0, stdout: Buffer.alloc(4 * 1024 * 1024), stderr: Buffer.alloc(0) })
  }
  const socket = await deaf({ run })
  const before = asked // what every audit asks first
  for (let each = 1; each <= 2000; each += 1) socket.write(encodeFrame({ verb: 'exec', id: each }, [Buffer.from('cat /big')]))
  await systemClock.sleep(1000)
  expect(asked - before).toBeLessThan(10)
  socket.destroy()
})

test.each<[what: string, frame: Readonly<Record<string, unknown>>]>([
  ['questions', { verb: 'event', event: 'runner', resource: 'file', what: 'x'.repeat(4000) }],
  ['texts', { verb: 'event', event: 'check', control: 'x'.repeat(500_000), status: 'passed' }]
])('a profile with %s without end fails, and nothing more is kept', async (_what, header) => {
  const failed = Promise.withResolvers<ScanError>()
  const socket = await deaf({ onFailure: failed.resolve })
  const bytes = encodeFrame(header)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  const flood = (): void => {
    while (!socket.destroyed && socket.write(bytes));
    socket.once('drain', flood)
  }
  flood()
  expect(await failed.promise).toMatchObject({ code: 'SESSION_FAILED', message: 'The profile asks more than kscan can remember (256 MiB)' })
  await closed
})

test('nobody else can connect once the auditor has', async () => {
  await open(new Evidence())
  const other = connect(broker.socket)
  other.resume()
  expect(await new Promise((resolve) => other.once('error', resolve).once('close', resolve))).toMatchObject({
    code: expect.stringMatching(/ECONNREFUSED|ENOENT/)
  })
})

test('all that the auditor said before it ended is noted', async () => {
  const checks: string[] = []
  const socket = await deaf({ onEvent: (event) => event.kind === 'check' && checks.push(event.control) })
  for (let each = 0; each < 20_000; each += 1) socket.write(encodeFrame({ verb: 'event', event: 'check', control: `c${each}`, status: 'passed' }))
  socket.resume()
  socket.end()
  await new Promise((resolve) => socket.once('close', resolve))
  await broker.settled()
  expect(checks).toHaveLength(20_000)
})

describe('frames', () => {
  test.each([
    ['a header without an end', Buffer.from([0xff, 0xff, 0xff, 0xff])],
    [
      'sections without number',
      encodeFrame(
        {},
        Array.from({ length: 5 }, () => Buffer.alloc(1))
      )
    ],
    ['a section without an end', Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('{"sizes":[999999999999]}')])]
  ])('%s are none', (_what, bytes) => expect(() => new FrameDecoder().push(bytes)).toThrow())

  test('that come byte by byte cost no more than their length', () => {
    const bytes = (size: number): Buffer => encodeFrame({ verb: 'exec' }, [Buffer.alloc(size)])
    const time = (size: number): number => {
      const decoder = new FrameDecoder()
      return processorTime(() => expect([...bytes(size)].flatMap((byte) => decoder.push(Buffer.of(byte)))).toHaveLength(1))
    }
    time(50_000)
    expect(time(400_000)).toBeLessThan(3 * time(200_000) + 100)
  })
})
