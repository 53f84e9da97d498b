import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openBroker } from '../../src/auditor/broker.ts'
import { readyAuditor } from '../../src/auditor/install.ts'
import { audit } from '../../src/auditor/launch.ts'
import type { AuditorProgram } from '../../src/auditor/program.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { namelessFile } from '../../src/kernel/nameless-file.ts'
import { Evidence, type Lack } from '../../src/session/evidence.ts'
import { lookAgain } from '../../src/session/look.ts'
import { Session } from '../../src/session/session.ts'
import { TOOLS } from './command-line.ts'
import { needsOf } from '../../src/shell/needs.ts'
import { localStream } from './local-stream.ts'
import { FETCHING } from '../../src/kernel/fetching.ts'
import { run } from '../../src/process/run.ts'

const PLUGIN = resolve('src/auditor/plugin')
const signal = new AbortController().signal
const HUSH = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} }

/** The auditor of the gems; the first call on a machine fetches it. */
const localAuditor = (): Promise<AuditorProgram> =>
  readyAuditor({
    order: ['gems'],
    toolFolder: join(TOOLS, 'kscan'),
    pluginFolder: PLUGIN,
    env: { PATH: process.env['PATH'] ?? '' },
    log: HUSH,
    signal,
    fetching: FETCHING
  })

export interface LocalAudit {
  readonly raw: Buffer
  readonly lacks: readonly Lack[]
}

/** Audits this machine's own shell: a real auditor, our plugin and a real session, without a cluster. */
export const localAudit = async (profiles: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<LocalAudit> => {
  const folder = mkdtempSync(join(tmpdir(), 'la-'))
  const auditor = await localAuditor()
  const session = await Session.open({ open: localStream('/bin/sh'), clock: systemClock })
  const evidence = new Evidence()
  const broker = await openBroker({
    folder,
    run: (command, timeout) => session.run(command, timeout),
    inspect: (code, timeout) => session.inspect(code, timeout),
    commandTimeout: 10_000,
    containerDetection: 'native',
    evidence,
    asides: evidence,
    onEvent: () => {},
    onFailure: () => {}
  })
  using printed = namelessFile(folder)
  try {
    mkdirSync(join(folder, 'job'))
    const raw = await audit({
      command: auditor.command,
      isolation: { run },
      env: { PATH: process.env['PATH'] ?? '', ...auditor.env, ...env },
      plugin: PLUGIN,
      folder: join(folder, 'job'),
      broker,
      identity: 'here',
      profiles,
      inputFiles: [],
      waiverFiles: [],
      controls: [],
      tags: [],
      log: printed,
      later: () => {},
      logPlace: join(folder, 'log'),
      timeout: 120_000,
      signal
    })
    await lookAgain(evidence, { inspect: (code) => session.inspect(code, 10_000), read: (command) => Promise.resolve(needsOf(command)) }, session.dialect)
    return { raw, lacks: evidence.lacks() }
  } finally {
    await broker.close()
    await session.close()
    rmSync(folder, { recursive: true })
  }
}
