import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finish } from './whole.ts'

/** What makes up the megabytes: controls as a benchmark has them, or a few messages of megabytes each, with characters of more than one byte. */
export const SHAPES = ['many controls', 'few huge messages'] as const
export type Shape = (typeof SHAPES)[number]

export interface JudgeFigures {
  readonly seconds: number
  readonly megabytes: number
  /** The last line that it printed. */
  readonly said: string
}

/** Judges a file of that many megabytes by the built command line. */
export const timeJudge = async (shape: Shape, megabytes: number): Promise<JudgeFigures> => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-bench-'))
  const file = join(folder, 'large.json')
  try {
    writeResults(file, shape, megabytes * 1_000_000)
    const env = { HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') }
    const begun = performance.now()
    const { output, peak } = await finish(process.execPath, ['dist/cli.js', 'judge', file], env)
    return { seconds: (performance.now() - begun) / 1000, megabytes: peak / 1024, said: output.trim().split('\n').at(-1) ?? '' }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const writeResults = (file: string, shape: Shape, bytes: number): void => {
  const out = openSync(file, 'w')
  const head =
    '{"platform":{"name":"debian","release":"12"},"profiles":[{"name":"large","version":"1.0.0","sha256":"ab","title":"Large","status":"loaded","controls":['
  let written = writeSync(out, head)
  for (let index = 0; written < bytes; index += 1)
    written += writeSync(out, `${index === 0 ? '' : ','}${JSON.stringify(shape === 'many controls' ? control(index) : loud(index))}`)
  writeSync(out, ']}],"statistics":{"duration":1.5},"version":"5.24.24"}')
  closeSync(out)
}

const SENTENCE = 'The organization must configure the system so that "only" what is needed runs, and must document each exception.\n'

const control = (index: number): object => ({
  id: `SV-${200000 + index}`,
  title: `The operating system must meet requirement ${index}.`,
  desc: SENTENCE.repeat(4),
  descriptions: ['default', 'check', 'fix', 'rationale'].map((label) => ({ label, data: SENTENCE.repeat(4) })),
  impact: 0.5,
  refs: [],
  tags: { gtitle: 'SRG-OS-000001', gid: `V-${index}`, cci: ['CCI-000366'], nist: ['CM-6 b'], severity: 'medium' },
  code: `control 'SV-${200000 + index}' do\n${'  describe file("/etc/passwd") do\n    it { should exist }\n  end\n'.repeat(20)}end\n`,
  source_location: { line: index, ref: `controls/SV-${200000 + index}.rb` },
  results: [0, 1, 2, 3, 4].map((check) => result(check === 4 && index % 10 === 0 ? SENTENCE : ''))
})

const loud = (index: number): object => ({
  id: `loud-${index}`,
  title: 'Says much',
  impact: 0.5,
  tags: {},
  results: [result(`expected “nothing”, got:\n${SENTENCE.repeat(40_000)}`)]
})

const result = (message: string): object => ({
  status: message === '' ? 'passed' : 'failed',
  code_desc: 'File /etc/passwd is expected to exist',
  run_time: 0.005477007,
  start_time: '2026-11-24T14:14:46+00:00',
  resource_class: 'file',
  resource_params: '["/etc/passwd"]',
  resource_id: '/etc/passwd',
  ...(message === '' ? {} : { message })
})
