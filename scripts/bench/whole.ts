import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import type { AuditorProgram } from '../../src/auditor/program.ts'

export interface Where {
  readonly kubeconfig: string
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly profile: string
  readonly folder: string
}

/** Runs a program to its end; any exit code is right. */
export const finish = (file: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<{ output: string; peak: number }> =>
  new Promise((done) => {
    const child = spawn(file, [...args], { env: { PATH: process.env['PATH'] ?? '', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let peak = 0
    const look = setInterval(() => (peak = Math.max(peak, peakOf(child.pid))), 50)
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.once('close', () => {
      clearInterval(look)
      done({ output, peak })
    })
  })

/** Kilobytes that a process held at most (VmHWM). */
const peakOf = (pid: number | undefined): number => {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

const scanArguments = (where: Where, profile: string): string[] => [
  'dist/cli.js',
  'scan',
  '--kubeconfig',
  where.kubeconfig,
  '--namespace',
  where.namespace,
  '--pod',
  where.pod,
  '--profile',
  profile,
  '--auditor',
  'gems',
  '--container-detection',
  'native',
  '--reports-path',
  join(where.folder, 'reports')
]
const home = (where: Where): Record<string, string> => ({
  HOME: where.folder,
  XDG_CACHE_HOME: join(where.folder, 'cache'),
  XDG_STATE_HOME: join(where.folder, 'state')
})

/** Milliseconds of a whole scan as a process, and of the audit in it. */
export const timeScan = async (where: Where): Promise<{ wall: number; audit: number }> => {
  const begun = performance.now()
  await finish(process.execPath, scanArguments(where, where.profile), home(where))
  const wall = performance.now() - begun
  const record: unknown = JSON.parse(readFileSync(join(where.folder, 'reports', 'run.json'), 'utf8'))
  return { wall, audit: auditOf(record) }
}

const Record = z.looseObject({ targets: z.array(z.looseObject({ duration: z.number() })) })

const auditOf = (record: unknown): number => Record.parse(record).targets.reduce((sum, { duration }) => sum + duration, 0)

/** Milliseconds of the same auditor and profile with one `kubectl exec` for each command. */
export const timeTruth = async (where: Where, auditor: AuditorProgram): Promise<number> => {
  const begun = performance.now()
  const args = [`${where.namespace}/${where.pod}/${where.container}`, where.profile, join(where.folder, 'truth.json')]
  await finish(resolve('test/support/kubectl-transport/bin/truth'), args, {
    KUBECONFIG: where.kubeconfig,
    AUDITOR: [auditor.command.file, ...auditor.command.args].join(' '),
    ...auditor.env
  })
  return performance.now() - begun
}

/** Megabytes that the command line held at most while a command of the profile printed 200 MB. */
export const peakMemory = async (where: Where): Promise<{ megabytes: number; said: string }> => {
  const profile = join(where.folder, 'flood')
  mkdirSync(join(profile, 'controls'), { recursive: true })
  writeFileSync(join(profile, 'inspec.yml'), 'name: flood\nversion: 1.0.0\n')
  writeFileSync(
    join(profile, 'controls', 'flood.rb'),
    "control 'flood' do\n  describe command('head -c 200000000 /dev/zero') do\n    its('exit_status') { should eq 0 }\n  end\nend\n"
  )
  const { output, peak } = await finish(process.execPath, scanArguments(where, profile), home(where))
  return { megabytes: peak / 1024, said: /printed more than \d+ MiB/.exec(output)?.[0] ?? 'no error was reported' }
}
