import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { TOOLS } from '../support/command-line.ts'

/** What users write in their pipeline: `inputs` of an include of the component. */
export type Inputs = Readonly<Record<string, unknown>>

/** How a job ended. */
export interface Job {
  readonly code: number | undefined
  readonly log: string
  /** What it passes to later jobs. */
  readonly outputs: Readonly<Record<string, string>>
  /** The folder of its project, as it was left. */
  readonly folder: string
  /** The folder of its artifacts: what GitLab would keep. */
  readonly artifacts: string
}

/** A pipeline that was run. */
export interface Pipeline {
  readonly code: number | null
  readonly log: string
  readonly job: (name: string) => Job
}

/** Of a pipeline that somebody looks at while it runs. */
export interface RunningPipeline {
  readonly folder: string
  readonly ended: Promise<Pipeline>
  readonly until: (text: string) => Promise<void>
  /** Of the kscan that has begun to make something, as its journal says. */
  readonly pid: () => number
}

const RUNNER = resolve('node_modules/gitlab-ci-local/dist/index.js')

/** The component's own project, with what a user's pipeline has beside it: GitLab's runner for one machine finds a component only in the project that it runs. */
const project = (pipeline: object | undefined): string => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-gitlab-'))
  cpSync('gitlab', folder, { recursive: true })
  cpSync('test/fixtures', join(folder, 'test/fixtures'), { recursive: true })
  if (pipeline !== undefined) writeFileSync(join(folder, '.gitlab-ci.yml'), stringify(pipeline, { lineWidth: 0 }))
  const git = (...args: string[]): void =>
    void execFileSync('git', ['-c', 'user.name=e2e', '-c', 'user.email=e2e@example.test', ...args], { cwd: folder, stdio: 'ignore' })
  git('init', '--quiet', '--initial-branch=main')
  git('remote', 'add', 'origin', 'git@gitlab.example:org/kscan.git')
  git('add', '--all')
  git('commit', '--quiet', '--message=e2e')
  return folder
}

/** The program that a job image has on its PATH. */
const programFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-gitlab-bin-'))
  chmodSync('dist/cli.js', statSync('dist/cli.js').mode | 0o100)
  symlinkSync(resolve('dist/cli.js'), join(folder, 'kscan'))
  return folder
}

export interface PipelineOptions {
  /** Variables of the project: they reach every job. */
  readonly variables?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  /** More of the pipeline: jobs of its own, keywords for those of the component. */
  readonly more?: object
  /** Called with the project's folder before anything runs. */
  readonly prepare?: (folder: string) => void
}

const COMPONENT = '$CI_SERVER_FQDN/$CI_PROJECT_PATH/kscan@$CI_COMMIT_SHA'

/** Starts a pipeline that includes the component, once for each of `includes`, on this machine; without any, that of the component's own project. */
export const startPipeline = (includes?: readonly Inputs[], { variables = {}, args = [], more = {}, prepare }: PipelineOptions = {}): RunningPipeline => {
  const folder = project(includes === undefined ? undefined : { include: includes.map((inputs) => ({ component: COMPONENT, inputs })), ...more })
  prepare?.(folder)
  const home = mkdtempSync(join(tmpdir(), 'kscan-gitlab-home-'))
  const given = Object.entries({ CI_JOB_TOKEN: 'glcbt-64_e2eTokenOfThisJob', ...variables }).flatMap(([name, value]) => ['--variable', `${name}=${value}`])
  const command = [RUNNER, '--force-shell-executor', '--no-color', '--no-timestamps', ...given, ...args]
  const env = {
    PATH: `${dirname(process.execPath)}:${programFolder()}:${process.env['PATH'] ?? ''}`,
    HOME: home,
    XDG_CACHE_HOME: TOOLS
  }
  mkdirSync(join(home, 'tmp'))
  const child = spawn(process.execPath, command, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const ended = new Promise<Pipeline>((done) => child.once('close', (code) => done({ code, log, job: (name) => jobOf(folder, name, log) })))
  const until = (wanted: string): Promise<void> =>
    new Promise((done, fail) => {
      const look = (): void => void (log.includes(wanted) && done())
      for (const stream of [child.stdout, child.stderr]) stream.on('data', look)
      child.once('close', () => fail(new Error(`it ended before it said ${wanted}: ${log}`)))
      look()
    })
  return { folder, ended, until, pid: () => pidIn(folder) }
}

const pidIn = (folder: string): number => {
  const [journal = ''] = globSync(join(folder, '.kscan/journal-*/*.jsonl'))
  const head = JSON.parse(readFileSync(journal, 'utf8').split('\n')[0] ?? '') as { owner: { pid: number } }
  return head.owner.pid
}

export const pipeline = (includes?: readonly Inputs[], options: PipelineOptions = {}): Promise<Pipeline> => startPipeline(includes, options).ended

/** All jobs run in the project's own folder: in folders of their own, the runner takes away what a script has made before its after_script begins. */
const jobOf = (folder: string, name: string, whole: string): Job => {
  const artifacts = join(folder, '.gitlab-ci-local', 'artifacts', name)
  const dotenv = join(artifacts, '.gitlab-ci-reports/dotenv/.kscan/outputs.env')
  const [, end] = new RegExp(`^${name} +finished in (.*)`, 'm').exec(whole) ?? []
  const lines = whole.split('\n').filter((line) => line.startsWith(`${name} `))
  return {
    code: end === undefined ? undefined : Number(/(?:FAIL|WARN) (\d+)/.exec(end)?.[1] ?? '0'),
    log: lines.map((line) => line.replace(/^\S+ +> ?/, '')).join('\n'),
    outputs: existsSync(dotenv) ? readDotenv(readFileSync(dotenv, 'utf8')) : {},
    folder,
    artifacts
  }
}

const readDotenv = (content: string): Record<string, string> =>
  Object.fromEntries(
    content
      .trimEnd()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
  )
