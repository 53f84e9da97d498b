import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { accountUser, type AuditEvent, below, changes, REVIEW, right, watchAudit } from './audit-log.ts'
import { CALLER_ROLE, type Caller, clusterOf, kubeconfigFile, makeCaller } from './caller.ts'
import { kscan, leftHere, type Ran, startKscan } from './cli.ts'
import { KUBECONFIG, leftBehind, NAMESPACE } from './cluster.ts'
import { kubeconfigOf } from '../support/api-server/wire.ts'

let caller: Caller
let kubeconfig = ''
beforeAll(async () => {
  caller = await makeCaller('audited-caller')
  await caller.allow(CALLER_ROLE)
  const { server, ca } = clusterOf(KUBECONFIG)
  kubeconfig = kubeconfigFile(kubeconfigOf({ url: server, ca, token: caller.token }))
})
afterAll(() => caller.remove())

const SCANNER = new RegExp(`^${accountUser(NAMESPACE, 'kscan-[a-z0-9]{10}')}$`)
interface Seen {
  readonly byCaller: readonly AuditEvent[]
  readonly byScanner: readonly AuditEvent[]
  /** By neither, nor by the controllers of the cluster itself. */
  readonly byOthers: readonly AuditEvent[]
}

const watch = (): (() => Seen) => {
  const events = watchAudit()
  return () => {
    const all = events().filter(({ user }) => !/^system:(serviceaccount:kube-system:|kube-|node:|apiserver|anonymous)/.test(user.username))
    const byCaller = all.filter(({ user }) => user.username === accountUser(NAMESPACE, caller.name))
    const byScanner = all.filter(({ user }) => SCANNER.test(user.username))
    return { byCaller, byScanner, byOthers: all.filter((event) => !byCaller.includes(event) && !byScanner.includes(event)) }
  }
}

/** `get,create pods/exec [a b]` is four rights. */
const rightsOf = (rule: string): string[] => {
  const [, verbs = '', resource = '', names = ''] = /^(\S+) (\S+) \[(.*)\]$/.exec(rule) ?? []
  return verbs.split(',').flatMap((verb) => names.split(' ').map((name) => `${verb} ${resource} ${name}`))
}

interface Plan {
  readonly made: readonly string[]
  readonly removed: readonly string[]
  readonly rights: readonly string[]
  readonly questions: number
}

const plan = async (target: readonly string[]): Promise<Plan> => {
  const { code, stdout } = await kscan(['plan', '--kubeconfig', kubeconfig, '--namespace', NAMESPACE, ...target])
  expect(code).toBe(0)
  return {
    made: below(stdout, 'Made in the cluster:'),
    removed: below(stdout, 'Removed at the end'),
    rights: below(stdout, 'Rights of the scanner:').flatMap(rightsOf),
    questions: below(stdout, 'Asked of the API server').length + below(stdout, '… and must be refused').length
  }
}

/** Of one target, two pods; both by rights that the caller has. */
const TARGETS = [
  ['a pod', ['--pod', 'debian']],
  ['a selector', ['--selector', 'app=pair', '--exclude-containers', 'proxy']]
] as const

const first = ['--profile', resolve('test/fixtures/profiles/first'), '--controls', 'accounts-1', '--threshold', 'failed: {total: {max: 9}}']
const scanArguments = (target: readonly string[]): string[] => ['scan', '--kubeconfig', kubeconfig, '--namespace', NAMESPACE, ...target, ...first]

describe.each(TARGETS)('by the audit log, a scan of %s', (_name, target) => {
  let ran: Ran
  let seen: Seen
  let planned: Plan
  beforeAll(async () => {
    planned = await plan(target)
    const seenSince = watch()
    ran = await kscan(scanArguments(target))
    seen = seenSince()
  })

  test('uses of the scanner only rights of its role, asks only what the plan says, and is refused nothing', () => {
    expect([ran.code, planned.rights.length]).toEqual([0, target[0] === '--pod' ? 3 : 6])
    const used = seen.byScanner.map(right)
    expect([...new Set(used)].filter((each) => each !== REVIEW && !planned.rights.includes(each))).toEqual([])
    expect(used.filter((each) => each.includes('pods/exec')).length).toBe(planned.rights.length / 3)
    expect(used.filter((each) => each === REVIEW).length).toBeGreaterThanOrEqual(planned.questions)
    expect(seen.byScanner.filter(({ responseStatus }) => [401, 403].includes(responseStatus?.code ?? 0)).map(right)).toEqual([])
  })

  test('changes as the caller exactly what the plan lists, in that order, and nothing in a container', () => {
    expect([planned.made.length, planned.removed.length]).toEqual([4, 3])
    expect(changes(seen.byCaller)).toEqual([...planned.made, ...planned.removed])
  })

  test('changes nothing else, as no one else', () => {
    expect([changes(seen.byOthers), new Set(seen.byScanner.map(({ user }) => user.username)).size]).toEqual([[], 1])
    expect(new Set(changes(seen.byScanner).map((each) => each.replace(/\/pods\/.*\//, '/pods/NAME/')))).toEqual(
      new Set([`get api/v1/namespaces/${NAMESPACE}/pods/NAME/exec`])
    )
  })
})

test('by the audit log, a scan that is interrupted changes nothing that the plan does not list', async () => {
  const planned = await plan(['--pod', 'debian'])
  const seenSince = watch()
  const running = startKscan([...scanArguments(['--pod', 'debian']), '--profile', resolve('test/fixtures/profiles/slow')])
  await running.until('✓ Grant access')
  running.signal('SIGTERM')
  const ran = await running.ended
  const seen = seenSince()
  expect([ran.code, await leftBehind(), leftHere(ran)]).toEqual([130, [], []])
  expect([changes(seen.byCaller), changes(seen.byOthers)]).toEqual([[...planned.made, ...planned.removed], []])
  expect(seen.byScanner.map(right).filter((each) => each !== REVIEW && !planned.rights.includes(each))).toEqual([])
})

test.each(['plan', 'doctor'])('by the audit log, %s changes nothing and starts nothing', async (verb) => {
  const seenSince = watch()
  const ran = await kscan([verb, '--kubeconfig', kubeconfig, '--namespace', NAMESPACE, '--pod', 'debian'])
  const seen = seenSince()
  expect([ran.code, seen.byCaller.length > 0]).toEqual([0, true])
  expect([changes(seen.byCaller), changes(seen.byScanner), changes(seen.byOthers)]).toEqual([[], [], []])
})
