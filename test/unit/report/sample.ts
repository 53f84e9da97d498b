import type { RunRecord, TargetRecord } from '../../../src/report/record.ts'
import type { AskedQuestion, Transcripts } from '../../../src/report/transcript.ts'

export const targetRecord = (name: string, more: Partial<TargetRecord> = {}): TargetRecord => ({
  name,
  stableName: name,
  namespace: 'web',
  pod: 'api-7d9',
  podUid: 'u-1',
  container: 'nginx',
  image: 'nginx:1.27',
  imageId: 'sha256:abc',
  node: 'n1',
  approach: 'kubernetes-api',
  rejected: [],
  why: 'the container has a shell of its own',
  tamperResistance: 'none',
  services: [],
  kept: [],
  commands: 12,
  duration: 1234,
  failure: undefined,
  ...more
})

export const record = (targets: readonly string[], more: Partial<RunRecord> = {}): RunRecord => ({
  run: 'abcdefghij',
  version: '0.1.0',
  started: '2026-11-24T10:00:00.000Z',
  finished: '2026-11-24T10:01:00.000Z',
  cluster: { server: 'https://10.0.0.1:6443/', version: 'v1.34.0', context: 'kind' },
  access: { mode: 'per-run', made: ['serviceaccount web/kscan-abcdefghij'], removed: ['serviceaccount web/kscan-abcdefghij'], rules: ['get pods [api-7d9]'] },
  auditor: { product: 'CINC Auditor', version: '5.22.40', source: 'path' },
  offline: false,
  isolation: { kind: 'namespaces', says: 'namespaces: its own file system of what it needs, its own processes' },
  profiles: [{ source: './profile', sha256: 'ff' }],
  containerDetection: 'docker',
  runnerResources: 'deny',
  threshold: [{ source: 'the default threshold', bounds: ['failed.total.max: 0', 'error.total.max: 0'] }],
  targets: targets.map((name) => targetRecord(name)),
  notScanned: [],
  timings: { audit: 1200 },
  leftovers: [],
  strictCleanup: false,
  unusedWaivers: [],
  judgedOn: '2026-11-24',
  attestations: [],
  acceptedCauses: [],
  ...more
})

/** An answered question of the control `a`; `printed`: what it printed, where that is kept. */
export const question = (more: Partial<AskedQuestion> = {}, printed?: string): AskedQuestion => ({
  asked: { kind: 'command', text: 'cat x | wc -l' },
  milliseconds: 1500,
  answer: {
    status: 3,
    stdout: { bytes: 5, sha256: 'ab'.repeat(32), ...(printed === undefined ? {} : { output: { encoding: 'utf-8', text: printed, leftOut: 0 } }) },
    stderr: { bytes: 0, sha256: 'cd' }
  },
  controls: ['a'],
  all: false,
  ...more
})

export const transcripts = (target: string, questions: readonly AskedQuestion[], kept: 'hashes' | 'full' = 'full'): Transcripts =>
  new Map([[target, { schema: 'kscan-transcript-1', target, kept, questions: [...questions] }]])

/** Texts that a container or a profile can make a report quote. */
export const HOSTILE: readonly (readonly [string, string])[] = [
  ['terminal escapes', '\u001b[2J\u001b]0;title\u0007red'],
  ['a workflow command', 'x\n::error::pwned\n##[add-mask]a'],
  ['markup', '<script>alert(1)</script><img src=x onerror="y">'],
  ['closing tags', '</details></summary></testsuite></failure>]]>'],
  ['an entity', '&lt; &#x3c; &bogus;'],
  ['bidirectional text', 'a\u202Eb\u2066c\u200F'],
  ['NUL and other controls', 'a\u0000b\u0008c\u007fd\u0085e\r\nf'],
  ['lone surrogates', 'a\ud800b\udc00c'],
  ['what XML does not allow', 'a\ufffeb\uffffc'],
  ['table markup', 'a | b \\| `c` *d* _e_ ~~f~~ [g](https://h.example) ![i](j)'],
  ['a line of ten million characters', 'x'.repeat(10_000_000)],
  ['a character cut in two', `${'x'.repeat(1999)}\u{1f600}${'y'.repeat(10)}`],
  ['quotes', `"it's"`]
]
