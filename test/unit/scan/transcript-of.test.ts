import { describe, expect, test } from '@jest/globals'
import { TargetTranscript, transcriptJson } from '../../../src/report/transcript.ts'
import { transcriptsOf } from '../../../src/scan/transcript-of.ts'
import type { Question } from '../../../src/session/transcript.ts'
import type { Target } from '../../../src/target/facts.ts'
import { control, results } from '../verdict/sample.ts'

const stream = { bytes: 0, sha256: 'e3', output: undefined }
const question = (more: Partial<Question>): Question => ({
  asked: { kind: 'command', text: 'x' },
  milliseconds: 3,
  answer: { status: 0, stdout: stream, stderr: stream },
  controls: new Set(),
  files: new Set(),
  skipped: { controls: new Set(), files: new Set() },
  all: false,
  reasons: [],
  ...more
})
const target = { name: 'shop/web/main' } as Target
const read = (questions: readonly Question[], judged: ReturnType<typeof results> | undefined = RESULTS) => [
  { run: { target, questions }, judged: judged === undefined ? undefined : { results: judged } }
]
const RESULTS = results([control('a', 'passed'), control('b', 'failed', { file: 'controls/b.rb' }), control('a', 'passed', { profile: 'q' })])

/** Of each question: who rests on it. */
const restOf = (questions: readonly Question[]): [string[], boolean][] =>
  transcriptsOf(read(questions), 'hashes')
    .get('shop/web/main')
    ?.questions.map(({ controls, all }): [string[], boolean] => [controls, all]) ?? []

describe('who rests on an answer', () => {
  test.each<[string, Partial<Question>, [string[], boolean]]>([
    ['nobody', {}, [[], false]],
    ['a control, once', { controls: new Set(['a']) }, [['a'], false]],
    ['the controls of a file', { files: new Set(['/p/controls/b.rb']) }, [['b'], false]],
    ['a control and a file', { controls: new Set(['a']), files: new Set(['controls/b.rb']) }, [['b', 'a'], false]],
    ['all, where the file is of no control', { files: new Set(['libraries/x.rb']) }, [[], true]],
    ['all, where nobody knows who asked', { controls: new Set(['a']), all: true }, [['a'], true]]
  ])('is %s', (_who, more, expected) => {
    expect(restOf([question(more)])).toEqual([expected])
  })

  test('is only known by id without results', () => {
    const questions = [question({ controls: new Set(['a']), files: new Set(['controls/b.rb']) }), question({ controls: new Set(['z']) })]
    const transcript = transcriptsOf([{ run: { target, questions }, judged: undefined }], 'hashes').get('shop/web/main')
    expect(transcript?.questions.map(({ controls, all }) => [controls, all])).toEqual([
      [['a'], true],
      [['z'], false]
    ])
  })
})

describe('the transcripts of a run', () => {
  test('are none where none is kept', () => {
    expect(transcriptsOf(read([question({})]), 'off').size).toBe(0)
  })

  test('can be read again as they were written', () => {
    const output = { encoding: 'utf-8', text: 'x\u0000', leftOut: 1 } as const
    const questions = [
      question({ controls: new Set(['a']), answer: { status: 1, stdout: { ...stream, output }, stderr: stream } }),
      question({
        answer: undefined,
        reasons: [
          { text: 'lost', cause: 'lost', lost: true },
          { text: 'closed', cause: 'unreadable', lost: false }
        ]
      })
    ]
    const transcript = transcriptsOf(read(questions), 'full').get('shop/web/main')
    if (transcript === undefined) throw new Error('no transcript')
    const again = TargetTranscript.parse(JSON.parse(transcriptJson(transcript)))
    expect(again).toEqual(transcript)
    expect([again.kept, again.target, again.questions[0]?.answer?.stdout.output, again.questions[1]]).toEqual([
      'full',
      'shop/web/main',
      output,
      { asked: { kind: 'command', text: 'x' }, milliseconds: 3, controls: [], all: false, unseen: 'lost; closed' }
    ])
  })

  test('of another shape are refused', () => {
    const [transcript] = transcriptsOf(read([question({})]), 'full').values()
    expect(TargetTranscript.safeParse({ ...transcript, schema: 'kscan-transcript-2' }).success).toBe(false)
  })
})
