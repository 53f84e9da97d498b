import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { resolve } from 'node:path'
import type { FaultProxy, Which } from '../support/fault-proxy.ts'
import { CALLER_ROLE, type Caller, kubeconfigFile, makeCaller, proxyToCluster } from './caller.ts'
import { hdfOf, kscan, leftHere, type Ran, wordsOf } from './cli.ts'
import { leftBehind, NAMESPACE, strayProcesses } from './cluster.ts'
import { LENIENT, stubAuditor } from '../support/stub-auditor.ts'
import { Folder } from '../support/kubeconfig.ts'

let caller: Caller
let proxy: FaultProxy
beforeAll(async () => {
  caller = await makeCaller('faults-caller')
  await caller.allow(CALLER_ROLE)
})
afterAll(() => caller.remove())
afterEach(() => proxy.stop())

/** What goes over the wire is the same whatever the auditor asks. */
const folder = new Folder()
const NO_AUDIT = ['--profile', resolve('test/fixtures/profiles/first'), '--auditor', stubAuditor(folder), ...LENIENT]
const SLOW = ['--profile', resolve('test/fixtures/profiles/slow')]
afterAll(() => folder.remove())

/** One scan through a proxy of its own. */
const scanThrough = async (spoil: (proxy: FaultProxy) => void, audit = NO_AUDIT): Promise<Ran> => {
  proxy = await proxyToCluster()
  spoil(proxy)
  const args = ['--kubeconfig', kubeconfigFile(proxy.kubeconfig(caller.token)), '--namespace', NAMESPACE, '--pod', 'debian']
  return await kscan(['scan', ...args, ...audit])
}

describe('faults of the API', () => {
  /** What a good run asks for: of each kind the first. */
  const good: { readonly shown: string; readonly which: Which }[] = []
  beforeAll(async () => {
    const ran = await scanThrough(() => {})
    for (const { method, path, upgrade } of proxy.log) {
      const plain = path.split('?')[0]?.replace(/kscan-[a-z0-9]{10}/, 'kscan-RUN') ?? ''
      const shown = `${upgrade ? 'EXEC' : method} ${plain.replace(`/namespaces/${NAMESPACE}`, '')}`
      const which = { method, path: new RegExp(`^${plain.replace('kscan-RUN', 'kscan-[a-z0-9]{10}')}(?:\\?|$)`) }
      if (good.every((one) => one.shown !== shown)) good.push({ shown, which })
    }
    await proxy.stop()
    if (ran.code !== 0) throw new Error(`the good run ended with ${ran.code}: ${ran.stderr}`)
  })

  /** What is asked twice when it or its answer is lost: all that makes nothing. */
  const repeated = (request: string): boolean => /^(GET|DELETE|EXEC) |\/(token|selfsubjectaccessreviews)$/.test(request)
  const check = async (request: string, ran: Ran, what: string): Promise<void> => {
    const errors = ran.stderr.split('\n').filter((line) => line.startsWith('error'))
    const story = `${request} ${what}: exit ${ran.code} ${errors.join(' ')}`
    expect([story, proxy.log.flatMap(({ fault }) => fault ?? [])]).toEqual([story, [what]])
    expect([story, ran.code]).toEqual([story, repeated(request) ? 0 : 4])
    expect([story, await leftBehind(), leftHere(ran)]).toEqual([story, [], []])
    if (ran.code === 4) expect(ran.stderr).toMatch(/^error: .{20}/m)
  }

  test('the good run asks for what is known, in this order', () => {
    expect(good.map(({ shown }) => shown)).toEqual([
      'GET /version',
      'GET /api/v1/pods/debian',
      'POST /api/v1/serviceaccounts',
      'POST /apis/rbac.authorization.k8s.io/v1/roles',
      'POST /apis/rbac.authorization.k8s.io/v1/rolebindings',
      'POST /api/v1/serviceaccounts/kscan-RUN/token',
      'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      'EXEC /api/v1/pods/debian/exec',
      'DELETE /apis/rbac.authorization.k8s.io/v1/rolebindings/kscan-RUN',
      'DELETE /apis/rbac.authorization.k8s.io/v1/roles/kscan-RUN',
      'DELETE /api/v1/serviceaccounts/kscan-RUN'
    ])
  })

  test('each request that is dropped is asked again or ends the run, and nothing is left', async () => {
    for (const { shown, which } of good)
      await check(shown, await scanThrough((spoiled) => spoiled.dropRequest(which)), 'drop-request').finally(() => proxy.stop())
  })

  test('each answer that is dropped is asked for again or ends the run, and nothing is left', async () => {
    for (const { shown, which } of good)
      await check(shown, await scanThrough((spoiled) => spoiled.dropAnswer(which)), 'drop-answer').finally(() => proxy.stop())
  })
})

describe('an exec stream', () => {
  const EXEC = /\/exec\?/

  test('that is refused with 403 ends the run with the reason and the remedy', async () => {
    const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'pods "debian" is forbidden: an admission webhook says no', code: 403 }
    const ran = await scanThrough((spoiled) => spoiled.answer({ path: EXEC, nth: 'every' }, { status: 403, body: status }))
    expect([ran.code, ran.stderr]).toEqual([
      4,
      expect.stringContaining('refused the exec stream (403): pods "debian" is forbidden: an admission webhook says no')
    ])
    expect(ran.stderr).toContain('The scanner needs the verbs get and create on pods/exec of this pod.')
    expect(await leftBehind()).toEqual([])
  })

  test('that is refused with 403 for a moment after the grant is opened again', async () => {
    const ran = await scanThrough((spoiled) => spoiled.answer({ path: EXEC, nth: 1 }, { status: 403, body: 'not yet' }))
    expect([ran.code, await leftBehind()]).toEqual([0, []])
  })

  test('that is cut while it opens ends the run', async () => {
    const ran = await scanThrough((spoiled) => spoiled.cutStream({ path: EXEC, nth: 1 }, 20))
    expect([ran.code, ran.stderr, await leftBehind()]).toEqual([
      4,
      expect.stringContaining("the connection closed (code 1006) before the program's end was reported"),
      []
    ])
  })

  test('that is cut later is opened once more; what was under way is an error, never a pass', async () => {
    const ran = await scanThrough((spoiled) => spoiled.cutStream({ path: EXEC, nth: 1 }, 2500), SLOW)
    expect([ran.code, await leftBehind(), await strayProcesses('debian')]).toEqual([3, [], []])
    const statuses = Object.values(wordsOf(hdfOf(ran).get(`${NAMESPACE}_debian_main.json`) ?? { profiles: [] })).flat(2)
    expect([statuses.filter((word) => word === 'failed').length, statuses.filter((word) => word === 'passed').length]).toEqual([1, 39])
  })

  test('that is cut again and again ends the run', async () => {
    const ran = await scanThrough((spoiled) => {
      spoiled.cutStream({ path: EXEC, nth: 1 }, 3500)
      spoiled.cutStream({ path: EXEC, nth: 2 }, 500)
    }, SLOW)
    expect([ran.code, ran.stderr, await leftBehind(), await strayProcesses('debian')]).toEqual([
      4,
      expect.stringContaining('The session with the target was lost'),
      [],
      []
    ])
  })
})
