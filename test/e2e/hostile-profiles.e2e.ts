import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { hostileProfile } from '../support/hostile-profile.ts'
import { randomOf } from '../support/random.ts'
import { writtenProfile } from '../support/written-profile.ts'
import { leftHere, startKscan } from './cli.ts'
import { leftBehind, NAMESPACE, removePod, startPod, strayProcesses, untilReady } from './cluster.ts'

/** More of them by hand: KSCAN_HOSTILE_RUNS=200 KSCAN_HOSTILE_SEED=7. */
const RUNS = Number(process.env['KSCAN_HOSTILE_RUNS'] ?? 6)
const SEED = Number(process.env['KSCAN_HOSTILE_SEED'] ?? 1)
const SCAN_SECONDS = 5
/** Start, grant and undoing; where few are run, beside others on a busy machine, three times that. */
const MARGIN_SECONDS = RUNS > 20 ? 10 : 30

/** Nobody else's: what ends in it stays listed. */
const POD = 'hostile'
beforeAll(async () => {
  await startPod(POD)
  await untilReady(POD)
}, 120_000)
afterAll(() => removePod(POD))

const folders: string[] = []
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })))

/** Processes that it started, by its mark in their words or a folder of the run in their environment. */
const strays = (mark: string, folder: string): string[] => {
  const texts = (pid: string): string => ['cmdline', 'environ'].map((name) => readProc(`/proc/${pid}/${name}`)).join('\n')
  const found = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
  return found.filter((pid) => [mark, folder].some((text) => texts(pid).includes(text)))
}

const readProc = (path: string): string => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** The auditor is process 1 or 2 of its own, so that its parent is none of ours. */
const APART = ['auto', 'bwrap', 'namespaces']

/** To which a link may lead that it makes. */
const PASSWD = readFileSync('/etc/passwd', 'utf8').split('\n', 1)[0] ?? ''

const holding = (folder: string, text: string): string[] =>
  (existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []).filter((name) => {
    const path = join(folder, name)
    return statSync(path).isFile() && readFileSync(path, 'utf8').includes(text)
  })

/** Processes in the target. What has ended there may wait for its process 1 for ever, if a command of the profile has started it. */
const stillThere = async (): Promise<string[]> => {
  const end = performance.now() + STILL_MS
  for (;;) {
    const found = (await strayProcesses(POD)).filter((line) => !/^\d+ Z /.test(line))
    if (found.length === 0 || performance.now() > end) return found
    await new Promise((wait) => setTimeout(wait, 200))
  }
}
/** A node that is busy takes its time to end what it was told to. */
const STILL_MS = RUNS > 20 ? 1000 : 10_000

const signalFor = (choice: number): NodeJS.Signals | undefined => (['SIGINT', 'SIGTERM', undefined, undefined, undefined] as const)[choice]

test.each(Array.from({ length: RUNS }, (_, index) => SEED * 1000 + index))(
  'hostile profile %i ends within its limit, and nothing of it is left',
  async (seed) => {
    const random = randomOf(seed)
    const mark = `1${String(seed).padStart(7, '0')}77`
    const { deeds, mayPass, files } = hostileProfile(random, mark)
    const folder = mkdtempSync(join(tmpdir(), 'kscan-hostile-'))
    folders.push(folder)
    const profile = writtenProfile(join(folder, 'profile'), {}, files)
    const isolation = random.pick(deeds.some((deed) => deed.endsWith('parent')) ? APART : [...APART, 'user', 'none'])
    const running = startKscan([
      'scan',
      '--isolation',
      isolation,
      '-n',
      NAMESPACE,
      '--pod',
      POD,
      '--profile',
      profile,
      '--scan-timeout',
      `${SCAN_SECONDS}s`,
      '--command-timeout',
      '2s'
    ])
    folders.push(running.folder)
    const name = signalFor(random.below(5))
    const delay = random.below(6000)
    await running.until('\n').catch(() => {}) // before its first word a signal finds nothing that could be undone, and nobody who hears it
    const later = name === undefined ? undefined : setTimeout(() => running.signal(name), delay)
    const begun = performance.now()
    const ran = await running.ended
    clearTimeout(later)
    const seconds = (performance.now() - begun) / 1000
    const told = `${deeds.join(' + ')}; ${isolation}; ${name ?? 'no signal'}; exit ${ran.code ?? ran.endedBy}; ${seconds.toFixed(1)} s`
    if (RUNS > 20) console.info(`${seed}: ${told}`)
    expect([told, seconds < SCAN_SECONDS + MARGIN_SECONDS]).toEqual([told, true])
    const codes = mayPass ? [0, 1, 3, 4, 130] : [1, 3, 4, 130]
    expect([told, codes.includes(ran.code ?? -1), ran.stderr.includes('unforeseen')]).toEqual([told, true, false])
    expect([told, holding(join(running.folder, 'kscan-reports'), PASSWD)]).toEqual([told, []])
    expect([told, await leftBehind(), leftHere(ran), strays(mark, running.folder), await stillThere()]).toEqual([told, [], [], [], []])
  }
)
