import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { kscan, leftHere, type Running, startKscan } from './cli.ts'
import { kubectl, leftBehind, read } from './cluster.ts'
import { enforcePolicy } from './helper-policy.ts'
import { startSilence } from './registry.ts'
import { freshPods, RESTRICTED } from './restricted-pod.ts'
import { NOT_TO_BE_HAD, TOOLBOX } from './toolbox.ts'

const RESOURCES = resolve('test/fixtures/profiles/resources')

/** Ephemeral containers of a pod: name and the state in which each is. */
const helpersOf = async (pod: string): Promise<string[]> => {
  const { status } = await read<{ status: { ephemeralContainerStatuses?: { name: string; state: Record<string, { exitCode?: number }> }[] } }>(
    `/api/v1/namespaces/${RESTRICTED}/pods/${pod}`
  )
  return (status.ephemeralContainerStatuses ?? []).map(({ state }) => `${Object.keys(state)[0]} ${state['terminated']?.exitCode ?? ''}`.trim())
}

/** The kubelet tells of an end a moment later. */
const untilNoneRuns = async (pod: string): Promise<string[]> => {
  for (let look = 0; look < 50 && (await helpersOf(pod)).includes('running'); look += 1) await new Promise((wait) => setTimeout(wait, 100))
  return await helpersOf(pod)
}

const tamperResistance = ({ folder }: { folder: string }): unknown => {
  const record = JSON.parse(readFileSync(join(folder, 'kscan-reports', 'run.json'), 'utf8')) as { targets: { tamperResistance: string }[] }
  return record.targets[0]?.tamperResistance
}

/** A command line, written as one. */
const words = (line: string): string[] => line.split(' ')

const lent = (pod: string, { profile = RESOURCES, image = TOOLBOX, allow = 'unpoliced-ephemeral-container' } = {}): string[] =>
  words(`scan --namespace ${RESTRICTED} --pod ${pod} --profile ${profile} --approach debug-container --allow ${allow} --helper-image ${image}`)

const startSlow = async (): Promise<Running> => {
  const running = startKscan(lent('static', { profile: resolve('test/fixtures/profiles/slow') }))
  await running.until('✓ Grant access')
  while (!(await helpersOf('static')).includes('running')) await new Promise((wait) => setTimeout(wait, 100))
  return running
}

afterEach(async () => expect(await leftBehind()).toEqual([]))

describe('a lent shell in a pod without one, of the level restricted, with a read-only root', () => {
  beforeAll(freshPods)

  test.each(['static', 'base'])('finds in distroless-%s what is wrong there, and leaves the ended helper', async (pod) => {
    const ran = await kscan(lent(pod))
    expect([ran.code, leftHere(ran), await untilNoneRuns(pod)]).toEqual([3, [], ['terminated 0']])
    expect(ran.stdout).toMatch(new RegExp(`high app-conf-mode \\(${RESTRICTED}/\\w+/main\\)`))
    expect(ran.stdout).toMatch(new RegExp(`kept: ephemeral container ${RESTRICTED}/\\w+/kscan-[a-z0-9]{10}-main-0: its\\s+process\\s+has\\s+ended`))
  })

  test('is not opened where a scanner could read Secrets by its right to add it', async () => {
    const before = await helpersOf('static')
    const ran = await kscan(lent('static', { allow: 'ephemeral-container' }))
    expect([ran.code, leftHere(ran), await helpersOf('static')]).toEqual([4, [], before])
    expect(ran.stdout).toContain('would also give the scanner a helper with the variables of any Secret')
  })

  test('says why a helper does not start', async () => {
    const ran = await kscan(lent('static', { image: NOT_TO_BE_HAD }))
    expect([ran.code, leftHere(ran)]).toEqual([4, []])
    expect(ran.stdout).toMatch(/did not start: (?:ErrImagePull|ImagePullBackOff)/)
  })
})

describe('where an admission policy limits the scanner to the helper', () => {
  let remove: () => Promise<void>
  beforeAll(freshPods)
  beforeAll(async () => {
    remove = await enforcePolicy()
  })
  afterAll(() => remove())

  test('allow: ephemeral-container is enough', async () => {
    const ran = await kscan(lent('static', { allow: 'ephemeral-container' }))
    expect([ran.code, leftHere(ran), await untilNoneRuns('static')]).toEqual([3, [], ['terminated 0']])
  })

  test('another image is refused, in the words of the policy', async () => {
    const ran = await kscan(lent('base', { image: 'test.local/busybox:1' }))
    expect([ran.code, leftHere(ran), await helpersOf('base')]).toEqual([4, [], []])
    expect(ran.stdout).toMatch(
      new RegExp(
        `The\\s+admission\\s+policy[^]*refused\\s+the\\s+helper\\s+in\\s+${RESTRICTED}/base[^]*only\\s+the\\s+helper\\s+of\\s+kscan,\\s+without\\s+variables`
      )
    )
    expect(ran.stdout).not.toContain('kept:')
  })
})

/** Its program is not in the image; the kubelet does not try again. */
const NEVER_RAN: unknown = expect.stringMatching(/^(?:waiting|terminated 128)$/)

describe('a helper of any other image', () => {
  beforeEach(freshPods)

  test('lends what it has, says what that is worth, and is ended', async () => {
    const ran = await kscan(lent('static', { image: 'test.local/debian:1' }))
    expect([ran.code, leftHere(ran), await untilNoneRuns('static')]).toEqual([3, [], [NEVER_RAN, 'terminated 137']])
    expect(ran.stderr).toContain('test.local/debian:1 is not the toolbox: a second helper lends what the image has.')
    expect(ran.stdout).toMatch(new RegExp(`high app-conf-mode \\(${RESTRICTED}/\\w+/main\\)`))
    expect(ran.stdout.match(/kept: ephemeral container/g)).toHaveLength(2)
    expect(tamperResistance(ran)).toBe('none')
  })

  test('is refused in a sentence when it has no shell', async () => {
    const ran = await kscan(lent('static', { image: 'test.local/distroless-static:1' }))
    expect([ran.code, leftHere(ran), await untilNoneRuns('static')]).toEqual([4, [], [NEVER_RAN, NEVER_RAN]])
    expect(ran.stdout).toMatch(/did not start: [^]*"sleep":\s+executable file not found/)
  })

  test('is ended by cleanup after SIGKILL', async () => {
    const running = startKscan(lent('static', { image: 'test.local/busybox:1', profile: resolve('test/fixtures/profiles/slow') }))
    while (!(await helpersOf('static')).includes('running')) await new Promise((wait) => setTimeout(wait, 100))
    running.signal('SIGKILL')
    const { folder } = await running.ended
    const cleaned = await kscan(['cleanup'], { folder })
    expect([cleaned.code, cleaned.stderr, leftHere({ folder })]).toEqual([0, '', []])
    expect(await untilNoneRuns('static')).toEqual([NEVER_RAN, 'terminated 137'])
  })
})

describe('a fault during a scan by a lent shell', () => {
  beforeEach(freshPods)

  test('the helper ended by others: the lent shell goes on', async () => {
    const running = startKscan(lent('static', { profile: resolve('test/fixtures/profiles/slow') }))
    await running.until('of 40 checks')
    const { spec } = JSON.parse(await kubectl('get', 'pod', 'static', '-n', RESTRICTED, '-o', 'json')) as { spec: { ephemeralContainers: { name: string }[] } }
    await kubectl('exec', '-n', RESTRICTED, 'static', '-c', spec.ephemeralContainers[0]?.name ?? '', '--', '/kscan/bin/end')
    const ran = await running.ended
    expect([ran.code, leftHere(ran), await untilNoneRuns('static')]).toEqual([0, [], ['terminated 0']])
  })

  test('the pod deleted: a sentence says so', async () => {
    const running = await startSlow()
    await kubectl('delete', 'pod', 'static', '-n', RESTRICTED, '--force', '--grace-period=0')
    const ran = await running.ended
    expect([ran.code, leftHere(ran)]).toEqual([4, []])
    expect(ran.stdout).toMatch(/changed while it was scanned: the pod is (?:gone|being deleted)/)
  })
})

describe('an interruption of a scan by a lent shell', () => {
  beforeAll(freshPods)

  test.each(['SIGINT', 'SIGTERM'] as const)('by %s ends the helper', async (signal) => {
    const running = await startSlow()
    running.signal(signal)
    const ran = await running.ended
    expect([ran.code, leftHere(ran), new Set(await untilNoneRuns('static'))]).toEqual([130, [], new Set(['terminated 0'])])
  })

  test('by SIGINT while the helper is pulled ends at once', async () => {
    const silence = await startSilence()
    try {
      const running = startKscan(lent('static', { image: `${silence.address}/slow:1` }))
      await running.until('✓ Grant access')
      while (!(await helpersOf('static')).some((state) => state.startsWith('waiting'))) await new Promise((wait) => setTimeout(wait, 100))
      running.signal('SIGINT')
      const ran = await running.ended
      expect([ran.code, leftHere(ran)]).toEqual([130, []])
      expect(ran.milliseconds).toBeLessThan(3 * 6000) // as long as undoing may take, on a busy machine; the pull has no end
    } finally {
      silence.stop()
    }
    await freshPods()
  })

  test('by SIGKILL leaves a helper, which cleanup ends', async () => {
    const running = await startSlow()
    running.signal('SIGKILL')
    const { folder } = await running.ended
    expect(await helpersOf('static')).toContain('running')
    const cleaned = await kscan(['cleanup'], { folder })
    expect([cleaned.code, cleaned.stderr, leftHere({ folder })]).toEqual([0, '', []])
    expect(cleaned.stdout).toContain(`removed the process of the helper ${RESTRICTED}/static/kscan-`)
    expect(new Set(await untilNoneRuns('static'))).toEqual(new Set(['terminated 0']))
  })
})
