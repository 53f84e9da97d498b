import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { cluster } from './audit-log.ts'
import { kscan, leftHere, type Ran, type Running, startKscan } from './cli.ts'
import { kubectl, leftBehind, NAMESPACE, strayProcesses } from './cluster.ts'

/** Undoing may take 6 s; three times that on a busy machine. Nothing answers meanwhile, so that without limits it would take minutes. */
const UNDO_MS = 3 * 6000

const server = (command: string): string => cluster(command, 'kube-apiserver')

const answers = async (): Promise<void> => {
  while (!(await kubectl('get', '--raw', '/readyz').catch(() => ''))) await sleep(200)
}

const startAudit = async (...more: string[]): Promise<Running> => {
  const running = startKscan(['scan', '--namespace', NAMESPACE, '--pod', 'debian', '--profile', resolve('test/fixtures/profiles/slow'), ...more])
  await running.until('of 40 checks')
  return running
}

const nothingLeft = async (ran: Ran): Promise<void> => expect([await leftBehind(), leftHere(ran)]).toEqual([[], []])

test('an API server that dies in the middle is exit 4, what could not be removed is said, and cleanup removes it', async () => {
  const before = await strayProcesses('debian')
  const running = await startAudit()
  running.signal('SIGURG') // does nothing; the clock starts
  server('kill')
  let ran: Ran
  try {
    ran = await running.ended
  } finally {
    server('restart')
    await answers()
  }
  expect([ran.code, ran.stderr]).toEqual([4, expect.stringMatching(new RegExp(`could not be removed: rolebinding ${NAMESPACE}/kscan-.* run kscan cleanup`))])
  expect(ran.milliseconds).toBeLessThan(UNDO_MS + 3000)
  await kubectl('wait', '-n', NAMESPACE, '--for=condition=Ready', 'pod', '--all', '--timeout=90s')
  expect((await leftBehind()).length).toBe(3)
  const cleaned = await kscan(['cleanup'], { folder: ran.folder })
  expect([cleaned.code, cleaned.stdout]).toEqual([0, expect.stringMatching(/removed rolebinding .*\n(.*\n)*removed serviceaccount/)])
  await nothingLeft(ran)
  expect(await strayProcesses('debian')).toEqual(before)
})

test('an API server that hangs in the middle: an interrupted run ends within its limits', async () => {
  const running = await startAudit('--command-timeout', '3s')
  server('freeze')
  let ran: Ran
  try {
    await sleep(1000)
    running.signal('SIGINT')
    ran = await running.ended
  } finally {
    server('thaw')
  }
  expect(ran.code).toBe(130)
  expect(ran.milliseconds).toBeLessThan(UNDO_MS + 1500)
  const cleaned = await kscan(['cleanup'], { folder: ran.folder })
  expect(cleaned.code).toBe(0)
  await nothingLeft(ran)
})
