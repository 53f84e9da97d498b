import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KUBECONFIG } from './cluster.ts'

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** The folder in which it ran; reports are in kscan-reports. */
  readonly folder: string
}

const TOOLS = process.env['XDG_CACHE_HOME'] ?? join(tmpdir(), 'kscan-e2e-cache')

/** The built command line, in a fresh folder with an empty HOME; the auditor's folder is kept between runs. */
export const kscan = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-e2e-'))
  const child = spawn(process.execPath, [join(process.cwd(), 'dist', 'cli.js'), ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, XDG_CACHE_HOME: TOOLS, KUBECONFIG, ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr, folder })))
}

/** The HDF files of a run by their names. */
export const hdfOf = ({ folder }: Ran): Map<string, HdfReport> => {
  const path = join(folder, 'kscan-reports', 'hdf')
  return new Map(readdirSync(path).map((name) => [name, JSON.parse(readFileSync(join(path, name), 'utf8')) as HdfReport]))
}

export interface HdfReport {
  readonly profiles: readonly {
    readonly name: string
    readonly controls: readonly { readonly id: string; readonly results?: readonly Record<string, unknown>[] }[]
  }[]
}

/** What each control's checks said, for comparisons: status and words. */
export const wordsOf = (report: HdfReport): Record<string, unknown[]> =>
  Object.fromEntries(
    report.profiles.flatMap(({ name, controls }) =>
      controls.map(({ id, results = [] }) => [
        `${name} ${id}`,
        results.map((result) => [result['status'], result['code_desc'], result['message'] ?? result['skip_message']])
      ])
    )
  )
