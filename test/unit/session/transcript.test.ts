import { createHash } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import type { CommandOutcome } from '../../../src/session/command.ts'
import { Evidence } from '../../../src/session/evidence.ts'
import { type Stream, Transcript } from '../../../src/session/transcript.ts'
import { answered } from '../../support/answered.ts'

const done = (stdout: Buffer, more: Partial<CommandOutcome & { kind: 'done' }> = {}): CommandOutcome => ({
  kind: 'done',
  status: 0,
  stdout,
  stderr: Buffer.alloc(0),
  ...more
})
const asked = { kind: 'command', text: 'x' } as const
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** The stdout of one answer as a transcript keeps it. */
const streamOf = (kept: 'hashes' | 'full', stdout: Buffer): Stream | undefined => {
  const evidence = new Evidence()
  const transcript = new Transcript(kept)
  transcript.note({ number: evidence.recordCommand('x', answered(0)), asked, outcome: done(stdout) }, 1)
  return transcript.questions(evidence)[0]?.answer?.stdout
}

describe('what was printed', () => {
  test('is only measured and hashed with hashes', () => {
    const text = Buffer.from('secret\n')
    expect(streamOf('hashes', text)).toEqual({ bytes: 7, sha256: createHash('sha256').update(text).digest('hex'), output: undefined })
  })

  const long = Buffer.alloc(70_000, 'a')
  test.each<[string, Buffer, Stream['output']]>([
    ['nothing', Buffer.alloc(0), { encoding: 'utf-8', text: '', leftOut: 0 }],
    ['text', Buffer.from('ä\u0000\u{1f600}\n'), { encoding: 'utf-8', text: 'ä\u0000\u{1f600}\n', leftOut: 0 }],
    ['no text', Buffer.from([0xff, 0xfe]), { encoding: 'base64', text: '//4=', leftOut: 0 }],
    ['as much as is kept', long.subarray(0, 65_536), { encoding: 'utf-8', text: 'a'.repeat(65_536), leftOut: 0 }],
    ['more than is kept', long, { encoding: 'utf-8', text: 'a'.repeat(65_536), leftOut: 70_000 - 65_536 }],
    [
      'more, with a character at the cut',
      Buffer.concat([long.subarray(0, 65_534), Buffer.from('\u{1f600}bc')]),
      { encoding: 'utf-8', text: 'a'.repeat(65_534), leftOut: 6 }
    ],
    [
      'more of no text',
      Buffer.concat([Buffer.from([0xff]), long]),
      { encoding: 'base64', text: Buffer.concat([Buffer.from([0xff]), long]).toString('base64', 0, 65_536), leftOut: 70_001 - 65_536 }
    ]
  ])('is kept with full: %s', (_what, bytes, output) => {
    expect(streamOf('full', bytes)).toEqual({ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), output })
  })
})

describe('a question', () => {
  test('comes with who rests on it, in the order of the answers, and with what was found later', () => {
    const evidence = new Evidence()
    const transcript = new Transcript('hashes')
    const first = evidence.recordCommand('grep x /y', answered(1))
    const second = evidence.record('stat /z', { text: 'closed', cause: 'unreadable', lost: false })
    transcript.note({ number: first, asked, outcome: done(Buffer.alloc(0), { status: 1 }) }, 2.4)
    transcript.note({ number: second, asked: { kind: 'facts', text: '/z' }, outcome: { kind: 'timed-out', message: 'late' } }, 7)
    evidence.asked(first, { kind: 'control', id: 'a' })
    evidence.asked(first, { kind: 'file', path: 'f.rb' })
    evidence.asked(second, { kind: 'unknown' })
    evidence.lacking(first, [{ cause: 'missing:y', text: 'no y' }])
    const nobody = { controls: new Set(), files: new Set() }
    const empty = { bytes: 0, sha256: EMPTY, output: undefined }
    expect(transcript.questions(evidence)).toEqual([
      {
        asked,
        milliseconds: 2,
        answer: { status: 1, stdout: empty, stderr: empty },
        controls: new Set(['a']),
        files: new Set(['f.rb']),
        skipped: nobody,
        all: false,
        reasons: [{ text: 'no y', cause: 'missing:y', lost: false }]
      },
      {
        asked: { kind: 'facts', text: '/z' },
        milliseconds: 7,
        answer: undefined,
        controls: new Set(),
        files: new Set(),
        skipped: nobody,
        all: true,
        reasons: [{ text: 'closed', cause: 'unreadable', lost: false }]
      }
    ])
  })
})

test('of what all commands print 256 MiB are kept, and the rest is measured and hashed', () => {
  const evidence = new Evidence()
  const transcript = new Transcript('full')
  const outcome = done(Buffer.alloc(65_536, 'a'))
  const number = evidence.recordCommand('x', answered(0))
  for (let each = 0; each < 4100; each += 1) transcript.note({ number, asked, outcome }, 1)
  const kept = transcript.questions(evidence).map(({ answer }) => answer?.stdout)
  expect(kept.map((each) => each?.output?.text.length).indexOf(0)).toBe(4096)
  expect(kept.at(-1)).toEqual({ bytes: 65_536, sha256: kept[0]?.sha256, output: { encoding: 'utf-8', text: '', leftOut: 65_536 } })
})
