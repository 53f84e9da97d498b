import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { askUser, type HelperOptions } from '../../../src/approach/debug-container.ts'
import { addHelper, admittedHelpers, endHelper, findLender, type HelperPod, idsOfTarget, untilRunning } from '../../../src/approach/ephemeral-container.ts'
import { forbiddenHelpers } from '../../../src/approach/forbidden-helpers.ts'
import { FOREIGN_END } from '../../../src/approach/foreign-helper.ts'
import { type HelperSpec, HELPER_END, HELPER_IDS, HELPER_PID } from '../../../src/approach/helper-spec.ts'
import type { Connection } from '../../../src/cluster/connection.ts'
import type { ContainerState } from '../../../src/cluster/container-state.ts'
import { connectAdmin } from '../../support/api-server/connect.ts'
import { type ApiServer, startApiServer } from '../../support/api-server/server.ts'

const HELPER = 'kscan-run-main-0'
const SPEC: HelperSpec = { name: HELPER, image: 'toolbox:1', target: 'main', lifetime: 60, uid: 1000, gid: 1000 }
const RUNNING: ContainerState = { running: {} }
const VOLUMES = [{ name: 'scratch', emptyDir: {} }]
const FORBIDDEN = forbiddenHelpers(SPEC, { volumes: VOLUMES })
const WHAT = [...new Set(FORBIDDEN.map(({ what }) => what))]

let server: ApiServer
let connection: Connection
/** By the words of a program: what is run in its place. */
let programs: Map<string, string>
beforeAll(async () => {
  server = await startApiServer()
  const wrap = (argv: readonly string[]): readonly string[] => ['/bin/sh', '-c', programs.get(argv.join(' ')) ?? 'echo "no such program" >&2; exit 127']
  server.addPod({ namespace: 'shop', name: 'web', containers: ['main', HELPER], place: { wrap } })
  connection = await connectAdmin(server)
}, 60_000)
beforeEach(() => {
  programs = new Map()
})
afterEach(() => server.faults.clear())
afterAll(async () => {
  connection.agent.destroy()
  await server.close()
})

/** A pod whose helper is in one state after the other, the last of which stays. Each pause of its clock takes no time. */
const podOf = (...states: readonly (ContainerState | undefined)[]): HelperPod & { slept: () => number } => {
  let [looks, now] = [0, 0]
  return {
    connection,
    namespace: 'shop',
    pod: 'web',
    podUid: 'u-1',
    volumes: () => Promise.resolve(VOLUMES),
    stateOf: () => Promise.resolve(states[Math.min(looks++, states.length - 1)]),
    clock: { now: () => now, sleep: (milliseconds) => Promise.resolve(void (now += milliseconds)) },
    signal: new AbortController().signal,
    slept: () => now
  }
}

/** What was executed in the helper since then, by its first two words. */
const executed = (begun: number): string[] => server.streams.slice(begun).map(({ argv }) => argv.slice(0, 2).join(' '))
const end = (of: readonly string[]): string => of.slice(0, 2).join(' ')

describe('the process of a helper', () => {
  test.each<[string, readonly (ContainerState | undefined)[], Readonly<Record<string, string>>, boolean, readonly string[]]>([
    ['that does not run is not ended', [undefined], {}, false, []],
    ['is ended by the program of the toolbox', [RUNNING], { [HELPER_END.join(' ')]: 'exit 0' }, true, [end(HELPER_END)]],
    ['of another image is ended by its own shell', [RUNNING], { [FOREIGN_END.join(' ')]: 'exit 0' }, true, [end(HELPER_END), end(FOREIGN_END)]],
    ['that had ended just then has ended', [RUNNING, RUNNING, { terminated: {} }], {}, true, [end(HELPER_END), end(FOREIGN_END)]]
  ])('%s', async (_what, states, answers, was, expected) => {
    programs = new Map(Object.entries(answers))
    const begun = server.streams.length
    expect([await endHelper(podOf(...states), HELPER), executed(begun)]).toEqual([was, expected])
  })

  test('that cannot be ended is told', async () => {
    programs.set(FOREIGN_END.join(' '), 'echo "not permitted" >&2; exit 1')
    await expect(endHelper(podOf(RUNNING), HELPER)).rejects.toMatchObject({
      code: 'HELPER_FAILED',
      message: `The helper ${HELPER} still runs: not permitted`
    })
  })

  test('is found by what the toolbox says of it', async () => {
    programs.set(HELPER_PID.join(' '), 'echo 17 4711').set(HELPER_IDS.join(' '), 'echo 1000 2000')
    expect([await findLender(podOf(RUNNING), HELPER), await idsOfTarget(podOf(RUNNING), HELPER)]).toEqual([
      { pid: 17, start: '4711' },
      { uid: 1000, gid: 2000 }
    ])
  })

  test.each(['echo 17', 'echo 17 4711; exit 1', 'echo 17 4711; echo 18 4712', 'echo x y'])('is not known by %s', async (said) => {
    programs.set(HELPER_PID.join(' '), said)
    await expect(findLender(podOf(RUNNING), HELPER)).rejects.toMatchObject({
      code: 'HELPER_FAILED',
      message: expect.stringContaining('did not say its process id')
    })
  })
})

describe('a helper that is to start', () => {
  const CREATING: ContainerState = { waiting: { reason: 'ContainerCreating' } }
  test.each<[string, readonly (ContainerState | undefined)[]]>([
    ['of which there is no status yet', [undefined, RUNNING]],
    ['that is being made', [CREATING, CREATING, RUNNING]]
  ])('%s is waited for', async (_what, states) => {
    const pod = podOf(...states)
    await untilRunning(pod, SPEC)
    expect(pod.slept()).toBeGreaterThan(0)
  })

  test.each<[string, ContainerState, string]>([
    ['has ended', { terminated: { reason: 'Error', message: 'exec format error' } }, 'Error: exec format error'],
    ['cannot be pulled', { waiting: { reason: 'ErrImagePull', message: 'no such image' } }, 'ErrImagePull: no such image'],
    ['may not run as its user', { waiting: { reason: 'CreateContainerConfigError' } }, 'CreateContainerConfigError']
  ])('and %s is given up at once, with the reason', async (_what, state, reason) => {
    const pod = podOf(state)
    await expect(untilRunning(pod, SPEC)).rejects.toMatchObject({
      code: 'HELPER_FAILED',
      message: expect.stringMatching(new RegExp(`did not start: ${reason}$`))
    })
    expect(pod.slept()).toBe(0)
  })

  test('and does not is given up after a minute', async () => {
    const pod = podOf(CREATING)
    await expect(untilRunning(pod, SPEC)).rejects.toMatchObject({ code: 'HELPER_FAILED', message: expect.stringContaining('ContainerCreating') })
    expect(Math.round(pod.slept() / 1000)).toBe(60)
  })
})

describe('a helper that is added', () => {
  const answer = (status: number, message = 'no'): Parameters<ApiServer['faults']['add']>[0]['mishap'] => ({
    kind: 'answer',
    answer: { status, body: status < 300 ? {} : { kind: 'Status', status: 'Failure', message, code: status } }
  })
  const answers = (...given: readonly ReturnType<typeof answer>[]): void =>
    given.forEach((mishap, after) => server.faults.add({ method: 'PATCH', path: /\/ephemeralcontainers/, after, mishap }))
  const POLICY = "ValidatingAdmissionPolicy 'kscan' with binding 'kscan' denied request: no"
  const patches = (begun: number): string[] =>
    server.requests.slice(begun).flatMap(({ method, path }) => (method === 'PATCH' ? [path.replace(/^.*\/ephemeralcontainers/, '')] : []))

  const REFUSED = FORBIDDEN.map((_, index) => (index % 2 === 0 ? 422 : 403))
  const DRY = FORBIDDEN.map(() => '?dryRun=All')

  test.each<[string, readonly number[], number]>([
    ['nothing where a policy refuses all', REFUSED, 0],
    ['one where it admits one', [...REFUSED.slice(1), 200], 1],
    ['nothing where a webhook refuses all with a code of its own', FORBIDDEN.map((_, index) => [400, 418, 500][index % 3] ?? 0), 0],
    ['all where there is none', FORBIDDEN.map(() => 200), WHAT.length]
  ])('has dry runs before it that say, of what must be refused, %s', async (_what, statuses, admitted) => {
    answers(...statuses.map((status) => answer(status, POLICY)))
    const begun = server.requests.length
    const found = await admittedHelpers(podOf(RUNNING), SPEC)
    expect([found.length, found.filter((what) => !WHAT.includes(what)), patches(begun)]).toEqual([admitted, [], DRY])
  })

  test('is none where a webhook could not be asked: it would not refuse for ever', async () => {
    const options = { pod: podOf(RUNNING), spec: SPEC, unpoliced: false, onHelper: () => () => {}, onKept: () => {} }
    server.faults.add({ method: 'PATCH', path: /dryRun/, times: 1000, mishap: answer(403, 'failed calling webhook "deny.example": no endpoints') })
    const begun = server.requests.length
    await expect(askUser(options)).rejects.toMatchObject({
      code: 'HELPER_REFUSED',
      message: 'The API server, which could not ask the admission webhook "deny.example", refused the helper in shop/web (403): no endpoints'
    })
    expect(patches(begun)).not.toContain('')
  })

  test('is none where one of many would be admitted, and few are told of many', async () => {
    const options = { pod: podOf(RUNNING), spec: SPEC, unpoliced: false, onHelper: () => () => {}, onKept: () => {} }
    answers(...FORBIDDEN.map(() => answer(200)))
    await expect(askUser(options)).rejects.toMatchObject({
      code: 'HELPER_REFUSED',
      message: expect.stringMatching(/also give the scanner (?:a [^,]*, ){5}a .* and \d+ more$/)
    })
  })

  const SAID: Readonly<Record<string, string>> = { TARGET_CHANGED: 'no helper was added to it', HELPER_REFUSED: ' refused the helper in shop/web (' }
  test.each([
    ['the policy', 422, POLICY, 'HELPER_REFUSED'],
    ['a webhook', 400, 'admission webhook "x" denied the request: no', 'HELPER_REFUSED'],
    ['a right that is missing', 403, 'pods "web" is forbidden: User "x" cannot patch resource "pods/ephemeralcontainers" in API group ""', 'ACCESS_DENIED'],
    ['another pod of the name', 422, 'Pod "web" is invalid: metadata.uid: Invalid value', 'TARGET_CHANGED'],
    ['a fault of ours', 400, 'the object is unrecognized', 'API_FAILED']
  ])('is refused by %s as such', async (_what, status, message, code) => {
    answers(answer(status, message))
    const refused: unknown = await addHelper(podOf(RUNNING), SPEC).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code, message: expect.stringContaining(SAID[code] ?? message) })
  })

  const CONFINED = { runAsUser: 1000, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, seccompProfile: { type: 'RuntimeDefault' } }
  test.each<[string, unknown, unknown]>([
    ['as it was sent', { spec: { ephemeralContainers: [{ name: HELPER, securityContext: CONFINED }] } }, 'restricted'],
    ['as admission has changed it', { spec: { ephemeralContainers: [{ name: HELPER, securityContext: { ...CONFINED, privileged: true } }] } }, 'privileged'],
    [
      'not as one beside it',
      {
        spec: {
          ephemeralContainers: [
            { name: 'other', securityContext: { privileged: true } },
            { name: HELPER, securityContext: CONFINED }
          ]
        }
      },
      'restricted'
    ],
    ['not at all where it is not in the answer', { spec: { ephemeralContainers: [{ name: 'other', securityContext: CONFINED }] } }, undefined],
    ['not at all where the answer is no pod', { kind: 'Status' }, undefined]
  ])('is known by the answer of the server: %s', async (_what, body, expected) => {
    answers({ kind: 'answer', answer: { status: 200, body } })
    expect(await addHelper(podOf(RUNNING), SPEC)).toBe(expected)
  })

  test.each<[string, boolean, readonly number[], unknown, readonly string[]]>([
    ['and is not where the cluster would admit worse', false, [...REFUSED.slice(1), 200], 'HELPER_REFUSED', DRY],
    ['where the cluster refuses worse', false, [...REFUSED, 200], { uid: 1, gid: 2 }, [...DRY, '']],
    ['without asking where that is accepted', true, [200], { uid: 1, gid: 2 }, ['']]
  ])('%s', async (_what, unpoliced, statuses, expected, sent) => {
    answers(...statuses.map((status) => answer(status, POLICY)))
    programs.set(HELPER_IDS.join(' '), 'echo 1 2')
    const noted: string[] = []
    const options: HelperOptions = {
      pod: podOf(RUNNING),
      spec: SPEC,
      unpoliced,
      onHelper: () => {
        noted.push('helper')
        return () => noted.push('forgotten')
      },
      onKept: () => noted.push('kept')
    }
    const begun = server.requests.length
    const came: unknown = await askUser(options).catch(({ code }: { code: unknown }) => code)
    expect([came, patches(begun), noted]).toEqual([expected, sent, expected === 'HELPER_REFUSED' ? [] : ['helper', 'kept']])
  })
})
