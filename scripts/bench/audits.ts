import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKubernetesApi, openKubernetesApiStream } from '../../src/approach/kubernetes-api.ts'
import { openBroker } from '../../src/auditor/broker.ts'
import { audit } from '../../src/auditor/launch.ts'
import type { AuditorProgram } from '../../src/auditor/program.ts'
import type { Cluster } from '../../src/cluster/existing.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { namelessFile } from '../../src/kernel/nameless-file.ts'
import type { CommandOutcome } from '../../src/session/command.ts'
import { Evidence } from '../../src/session/evidence.ts'
import { quoted } from '../../src/session/frame.ts'
import { READING } from '../../src/session/reading.ts'
import { runScript } from '../../src/session/script.ts'
import { run } from '../../src/process/run.ts'

export interface BenchTarget {
  readonly cluster: Cluster
  readonly namespace: string
  readonly pod: string
  readonly container: string
}

/** What an audit asked, and what it was answered: the line by which a shell does the same without a session, by the question. */
export type Seen = Map<string, { readonly outcome: CommandOutcome; readonly line: string }>

/** What is audited; `native` lets every control run, `docker`, the default of a scan, those that are meant for containers. */
export interface BenchProfile {
  readonly profile: string
  readonly detection: 'docker' | 'native'
}

type Ask = (text: Uint8Array, timeout: number) => Promise<CommandOutcome>
interface Answers {
  readonly run: Ask
  readonly inspect: Ask
}

/** Milliseconds of the auditor alone: from its start to its end, over whatever answers. */
const timeAudit = async (auditor: AuditorProgram, { profile, detection }: BenchProfile, answers: Answers): Promise<number> => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-bench-'))
  const evidence = new Evidence()
  const broker = await openBroker({
    folder,
    ...answers,
    commandTimeout: 60_000,
    containerDetection: detection,
    evidence,
    asides: evidence,
    onEvent: () => {},
    onFailure: () => {}
  })
  using printed = namelessFile(folder)
  try {
    const begun = performance.now()
    await audit({
      command: auditor.command,
      isolation: { run },
      env: { PATH: process.env['PATH'] ?? '', ...auditor.env },
      plugin: join(import.meta.dirname, '..', '..', 'src', 'auditor', 'plugin'),
      folder,
      broker,
      identity: 'bench',
      profiles: [profile],
      inputFiles: [],
      waiverFiles: [],
      controls: [],
      tags: [],
      log: printed,
      later: () => {},
      logPlace: join(folder, 'log'),
      timeout: 600_000,
      signal: new AbortController().signal
    })
    return performance.now() - begun
  } finally {
    await broker.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Milliseconds of an audit over a fresh session; `seen` remembers what was answered. */
export const timeLive = async (auditor: AuditorProgram, profile: BenchProfile, options: { target: BenchTarget; seen?: Seen }): Promise<number> => {
  const { target, seen } = options
  const session = await openKubernetesApi({
    connection: target.cluster.connection,
    target,
    clock: systemClock,
    check: () => Promise.resolve(),
    signal: new AbortController().signal,
    interrupt: new AbortController().signal
  })
  const noting =
    (ask: Ask, line: (text: Uint8Array) => string): Ask =>
    async (text, timeout) => {
      const outcome = await ask(text, timeout)
      seen?.set(Buffer.from(text).toString('latin1'), { outcome, line: line(text) })
      return outcome
    }
  try {
    return await timeAudit(auditor, profile, {
      run: noting(
        (text, limit) => session.run(text, limit),
        (text) => `/bin/sh -c ${quoted(text).toString()} ${ALONE}`
      ),
      inspect: noting(
        (text, limit) => session.inspect(text, limit),
        (text) => `(${Buffer.from(text).toString()}) ${ALONE}`
      )
    })
  } finally {
    await session.close()
  }
}

/** Milliseconds of the same audit whose every answer comes from memory: the floor. */
export const timeFloor = (auditor: AuditorProgram, profile: BenchProfile, seen: Seen): Promise<number> => {
  const remember: Ask = (text) => Promise.resolve(seen.get(Buffer.from(text).toString('latin1'))?.outcome ?? { kind: 'lost', message: 'not seen before' })
  return timeAudit(auditor, profile, { run: remember, inspect: remember })
}

/** Milliseconds of the same commands one after the other in one script, with no auditor and no session: what the container alone takes. */
export const timeAlone = async (target: BenchTarget, seen: Seen): Promise<number> => {
  const time = async (script: string): Promise<number> => {
    const begun = performance.now()
    await runScript((events) => openKubernetesApiStream(target.cluster.connection, target, { events }), script, 120_000)
    return performance.now() - begun
  }
  const lines = [...seen.values()].map(({ line }) => `${line}\n`).join('')
  return (await time(`kscan_newline='\n'\n${READING}\n${lines}exit\n`)) - (await time('exit\n'))
}

const ALONE = '</dev/null >/dev/null 2>&1'

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}
