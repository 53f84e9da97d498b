import type { Control, Status } from '../../src/hdf/model.ts'
import type { Reported } from '../../src/report/formats.ts'
import type { AskedQuestion } from '../../src/report/transcript.ts'
import type { Baseline, Judged } from '../../src/verdict/model.ts'
import { question, record, targetRecord, transcripts } from '../unit/report/sample.ts'
import { control, judgeBy, profile } from '../unit/verdict/sample.ts'

/** Ids, names and the like are never longer than this: no file system or cluster takes a longer one by far. */
const LONGEST_NAME = 10_000
/** What the run itself says of a target or a command: it quotes no more of it. */
const LONGEST_SAID = 10_000

/** A run of every outcome that quotes the text in each place that a container, a profile, a cluster or a file of the user's fills. */
export const hostileRun = (text: string, code: 'X' | 'PROFILE_FAILED' = 'X'): Reported => {
  const name = text.slice(0, LONGEST_NAME)
  const target = targetOf(text, name)
  const done = recordOf(text, name, code)
  const bound = { status: 'failed', severity: 'total' } as const
  const thresholds = [
    {
      source: name,
      bounds: [
        { ...bound, key: 'failed.total.max', kind: 'max', value: 0 },
        { ...bound, key: 'failed.total.controls', kind: 'controls', value: [`other ${name}`] }
      ]
    } as const
  ]
  const verdict = judgeBy([target], thresholds, { baseline: earlier(target, name) })
  return { verdict, judged: [target], record: done, raw: new Map(), transcripts: transcripts(name, asked(text, name)), secrets: [] }
}

/** A run in which all that fails now passed, and all that passes now failed. */
const earlier = (target: Judged, name: string): Baseline => {
  const controls = target.results.controls.map((each): Control => ({ ...each, status: each.status === 'passed' ? 'failed' : 'passed' }))
  return { source: name, sha256: 'ab', run: name, day: '2026-11-01', targets: [{ ...target, results: { ...target.results, controls }, unjudged: [] }] }
}

/** What the controls asked: of each kind, answered and not. */
const asked = (text: string, name: string): AskedQuestion[] =>
  (['command', 'facts', 'content'] as const).flatMap((kind) => {
    const more = { asked: { kind, text: said(text) }, controls: [name], unseen: said(text) }
    return [question(more, said(text)), question({ ...more, answer: undefined })]
  })

const targetOf = (text: string, name: string): Judged => ({
  target: name,
  stableName: name,
  results: {
    auditorVersion: name,
    platform: { name, release: name },
    profiles: [profile(name, { version: name, title: text, statusMessage: text, controls: OUTCOMES.length })],
    controls: OUTCOMES.map(([status, more], index) => controlOf({ text, id: index === 0 ? name : `${name} ${index}`, profile: name }, status, more(text))),
    saf: [],
    duration: 1.5
  },
  // of controls without an id of their own: the second, and one that the results do not have
  unjudged: [1, 99].map((index) => ({ control: `${name} ${index}`, reason: said(text), cause: 'missing:ss', lost: false, command: said(text) })),
  reasons: [said(text)]
})

const said = (text: string): string => text.slice(0, LONGEST_SAID)

const WAIVER = { expires: '2099-01-01', skipped: false, run: true }
const ATTESTED = { status: 'passed', updated: '2026-01-01', expires: '2027-01-01' } as const

const OUTCOMES: readonly (readonly [Status, (text: string) => Partial<Control>])[] = [
  ['failed', () => ({ severity: 'high' })],
  ['passed', () => ({})],
  ['error', () => ({})],
  ['skipped', () => ({})],
  ['no_impact', (text) => ({ waiver: { ...WAIVER, skipped: true, justification: text } })],
  ['no_impact', () => ({})],
  ['failed', (text) => ({ severity: 'low', waiver: { ...WAIVER, expires: '2020-01-01', justification: text } })],
  ['passed', (text) => ({ attestations: [{ ...ATTESTED, explanation: text, by: text }] })]
]

const controlOf = ({ text, id, profile }: { text: string; id: string; profile: string }, status: Status, more: Partial<Control>): Control => {
  const kind = status === 'no_impact' ? 'skipped' : status
  const check = { status: kind, description: text, message: text } as const
  return {
    ...control(id, status, more),
    profile,
    title: text,
    description: text,
    checkText: text,
    fixText: text,
    file: id,
    node: true,
    tags: { severity: text, gid: text, gtitle: text, rid: text, stig_id: text, cci: [text], legacy: [text], [id]: text },
    checks: [check, { ...check, message: `expected: 0\n     got: ${text}` }]
  }
}

const recordOf = (text: string, name: string, code: string) =>
  record([], {
    cluster: { server: name, version: name, context: name },
    access: { mode: 'per-run', made: [name, `more ${name}`], removed: [name], rules: [name], excess: [name], held: HELD, tokenSeconds: 900 },
    auditor: { product: name, version: name, source: name },
    profiles: [{ source: name, sha256: 'ff' }],
    threshold: [{ source: name, bounds: [name] }],
    targets: [
      targetRecord(name, {
        namespace: name,
        pod: name,
        podUid: name,
        container: name,
        image: name,
        imageId: name,
        node: name,
        why: said(text),
        rejected: [{ approach: 'debug-container', why: said(text) }],
        services: [{ service: name, ground: said(text) }],
        kept: [name],
        helpers: [{ by: 'kscan', as: 'ephemeral-container', image: name, policy: 'refuses', rights: 'wider' }]
      }),
      targetRecord(`other ${name}`, { approach: 'none', failure: { code, message: said(text) } })
    ],
    leftovers: [said(text)],
    strictCleanup: true,
    unusedWaivers: [name],
    transcript: 'full',
    compliance: { checked: name, ways: [name, `other ${name}`].map((target) => wayOf(text, name, target)) }
  })

const HELD = { from: '2026-11-24T10:00:00.000Z', until: '2026-11-24T10:01:00.000Z' }

const wayOf = (text: string, name: string, target: string) => ({
  targets: [target],
  facts: { approach: name, held: 1, another: said(text) },
  assessed: (['conflict', 'at-risk', 'met', 'not-assessed'] as const).map((status) => ({
    framework: name,
    id: name,
    title: said(text),
    status,
    because: said(text)
  }))
})
