import { expect, test } from '@jest/globals'
import type { Cluster } from '../../../src/cluster/existing.ts'
import type { Config } from '../../../src/config/config.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { ScanError } from '../../../src/kernel/error.ts'
import type { TargetRecord } from '../../../src/report/record.ts'
import type { AuditRun } from '../../../src/scan/audit-target.ts'
import type { Approach } from '../../../src/scan/approach.ts'
import { recordOf } from '../../../src/scan/record-of.ts'
import type { DeployedHelper } from '../../../src/target/deployed.ts'
import { imageTarget } from '../../../src/target/facts.ts'
import { Scope } from '../../../src/undo/scope.ts'
import type { Isolation } from '../../../src/auditor/isolation/isolation.ts'
import { run as start } from '../../../src/process/run.ts'
import { FETCHING } from '../../../src/kernel/fetching.ts'

type Done = Parameters<typeof recordOf>[0]

const recorded = (runs: readonly AuditRun[], scope = new Scope(), made: readonly string[] = []): ReturnType<typeof recordOf> => {
  const config = { access: { kind: 'per-run' }, fetching: FETCHING } as Partial<Config> as Config
  const cluster = { connection: { server: { url: new URL('https://one.test') } } } as unknown as Cluster
  const rules = { thresholds: [], totals: [], baseline: undefined, attestations: [], acceptedCauses: [] }
  const auditor = { source: 'path', product: 'p', version: '1', command: { file: 'f', args: [] }, env: {} } as const
  const isolation: Isolation = { kind: 'none', says: '', at: (path) => path, run: start }
  const ports = { clock: systemClock, version: '0' } as Done['ports']
  const done = {
    run: 'r',
    started: '',
    config,
    ports,
    scope,
    cluster,
    skipped: [],
    auditor,
    isolation,
    profiles: [],
    time: new Map(),
    unusedWaivers: [],
    judgedOn: '',
    ...rules
  }
  return recordOf(done, { runs, made, rules: [] })
}

const run = (approach: Approach['kind'] | undefined, more: Partial<AuditRun> = {}, deployed?: DeployedHelper): AuditRun => ({
  target: { ...imageTarget('web:1', 'shop'), deployed },
  way: approach === undefined ? undefined : { approach, why: 'it was asked for' },
  rejected: [],
  kept: [],
  helpers: [],
  raw: undefined,
  lacks: [],
  allowed: [],
  services: [],
  questions: [],
  commands: 0,
  foreign: false,
  failure: undefined,
  duration: 0,
  ...more
})

const LENDER = { image: 'toolbox:1', rights: 'restricted' } as const

test.each<[string, AuditRun, TargetRecord['tamperResistance']]>([
  ['its own shell', run('kubernetes-api'), 'none'],
  ['a helper in its pod', run('debug-container'), 'lent-shell'],
  ['a helper that is not the toolbox', run('debug-container', { foreign: true }), 'none'],
  ['a pod of ours', run('twin-pod'), 'lent-shell'],
  ['a container that waits beside it', run('sidecar-container', {}, { kind: 'sidecar', container: 'helper', ...LENDER }), 'lent-shell'],
  ['a volume that nobody may write to', run('sidecar-container', {}, { kind: 'volume', readOnly: true, ...LENDER }), 'lent-shell'],
  ['a volume that it may write to', run('sidecar-container', {}, { kind: 'volume', readOnly: false, ...LENDER }), 'none'],
  ['nothing', run(undefined), 'none']
])('a container that answered by %s', (_what, audited, expected) => {
  expect(recorded([audited]).targets.map(({ tamperResistance }) => tamperResistance)).toEqual([expected])
})

test('of what was made it says what was removed, and why the rest was not', async () => {
  const scope = new Scope()
  const made = ['role shop/kscan-r', 'rolebinding shop/kscan-r']
  scope.defer({ what: 'connections of the scanner', limit: 1000, undo: () => Promise.resolve() })
  scope.defer({ what: made[0] ?? '', limit: 1000, undo: () => Promise.reject(new Error('403')) })
  scope.defer({ what: made[1] ?? '', limit: 1000, undo: () => Promise.resolve() })
  await scope.close()
  const { access, leftovers } = recorded([], scope, made)
  expect([access.made, access.removed, leftovers]).toEqual([made, [made[1]], ['role shop/kscan-r (403)']])
})

test('why a container has no results it says with what to do', () => {
  const failure = new ScanError('TARGET_FULL', 'it has 3 MiB left', { hint: 'raise the limit' })
  expect(recorded([run(undefined, { failure })]).targets).toMatchObject([
    { approach: 'none', why: 'no shell was reached', failure: { code: 'TARGET_FULL', message: 'it has 3 MiB left', hint: 'raise the limit' } }
  ])
})

test('the address of a pod is told, as it was when the scan began', () => {
  const target = { ...imageTarget('web:1', 'shop'), podIp: '10.1.2.3' }
  expect(recorded([run('kubernetes-api', { target }), run('twin-pod')]).targets.map(({ podIp }) => podIp)).toEqual(['10.1.2.3', undefined])
})
