import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { type Annotation, Commands } from './github-runner/commands.ts'
import { parseFile } from './github-runner/files.ts'
import { mask } from './github-runner/mask.ts'
import { type Ended, type KillOn, watch } from './github-runner/watch.ts'

export interface StepEnd extends Ended {
  /** What the runner's page shows: commands carried out, secrets masked from the line on at which they were told. */
  readonly visibleLog: string
}

export interface ActionRun {
  /** The folder that holds action.yml. */
  readonly root: string
  /** By the name in action.yml. Those that are not given have their default, or are empty, as in the runner. */
  readonly inputs?: Readonly<Record<string, string>>
  /** The job's environment; of this process nothing is inherited but PATH. */
  readonly env?: Readonly<Record<string, string>>
  /** The program of main, below root, in place of the one in action.yml. */
  readonly main?: string
  readonly post?: string
  /** For main only. */
  readonly killOn?: KillOn
  /** Files of the workspace, by name. */
  readonly files?: Readonly<Record<string, string>>
  /** What GITHUB_EVENT_PATH holds; an empty object when not given. */
  readonly event?: unknown
  /** Milliseconds for main and for post each; 60 s when not given. After it the program is killed and the run rejects. */
  readonly timeout?: number
}

export interface ActionEnd {
  readonly main: StepEnd
  /** Undefined when the action has no post. */
  readonly post: StepEnd | undefined
  readonly outputs: Readonly<Record<string, string>>
  /** What main saved for post. */
  readonly state: Readonly<Record<string, string>>
  /** Of main, then of post; masked. Empty when it was longer than 1 MiB, as the runner drops it whole. */
  readonly summary: string
  readonly annotations: readonly Annotation[]
  readonly masks: readonly string[]
  /** What was added to the environment and the PATH of later steps. */
  readonly exported: { readonly env: Readonly<Record<string, string>>; readonly path: readonly string[] }
}

const Action = z.looseObject({
  inputs: z.record(z.string(), z.looseObject({ default: z.coerce.string().optional() }).nullable()).default({}),
  runs: z.looseObject({ using: z.string().regex(/^node\d+$/), main: z.string(), post: z.string().optional() })
})
type Action = z.infer<typeof Action>

/** Runs a JavaScript action as the GitHub runner does: main, then post whatever became of main. Rejects for what would be a fault of the action's files. */
export const runAction = async (wanted: ActionRun): Promise<ActionEnd> => {
  const action = Action.parse(parse(readFileSync(join(wanted.root, 'action.yml'), 'utf8')))
  const job = new Job(wanted, action)
  try {
    const main = await job.step('main', wanted.main ?? action.runs.main, wanted.killOn)
    const state = { ...job.state }
    const script = wanted.post ?? action.runs.post
    const post = script === undefined ? undefined : await job.step('post', script)
    const { outputs, annotations, summary } = job
    return { main, post, outputs, state, summary, annotations, masks: [...job.masks], exported: { env: job.added, path: job.paths } }
  } finally {
    job.remove()
  }
}

const FILES = ['OUTPUT', 'ENV', 'PATH', 'STATE', 'STEP_SUMMARY'] as const
const SUMMARY_BYTES = 1024 * 1024

const BASICS = {
  github: {
    ACTIONS: 'true',
    ACTION: '__self',
    ACTOR: 'someone',
    REPOSITORY: 'org/repo',
    REPOSITORY_OWNER: 'org',
    WORKFLOW: 'ci',
    JOB: 'scan',
    RUN_ID: '100',
    RUN_NUMBER: '1',
    RUN_ATTEMPT: '1',
    EVENT_NAME: 'push',
    REF: 'refs/heads/main',
    REF_NAME: 'main',
    SHA: '1'.repeat(40),
    SERVER_URL: 'https://github.localhost',
    API_URL: 'https://api.github.localhost',
    GRAPHQL_URL: 'https://api.github.localhost/graphql'
  },
  runner: { OS: 'Linux', ARCH: 'X64', NAME: 'emulator', ENVIRONMENT: 'self-hosted' }
} as const

class Job {
  readonly outputs: Record<string, string> = {}
  readonly state: Record<string, string> = {}
  readonly added: Record<string, string> = {}
  readonly paths: string[] = []
  readonly annotations: Annotation[] = []
  readonly masks = new Set<string>()
  summary = ''
  readonly #wanted: ActionRun
  readonly #action: Action
  readonly #home = mkdtempSync(join(tmpdir(), 'kscan-runner-'))

  constructor(wanted: ActionRun, action: Action) {
    this.#wanted = wanted
    this.#action = action
    for (const folder of ['work', 'temp', 'tools', 'home', 'commands']) mkdirSync(join(this.#home, folder))
    writeFileSync(join(this.#home, 'event.json'), JSON.stringify(wanted.event ?? {}))
    for (const [name, text] of Object.entries(wanted.files ?? {})) writeFileSync(join(this.#home, 'work', name), text)
  }

  remove(): void {
    rmSync(this.#home, { recursive: true, force: true })
  }

  async step(name: 'main' | 'post', script: string, killOn?: KillOn): Promise<StepEnd> {
    const files = Object.fromEntries(FILES.map((file) => [`GITHUB_${file}`, join(this.#home, 'commands', `${file.toLowerCase()}_${randomUUID()}`)]))
    for (const path of Object.values(files)) writeFileSync(path, '')
    const commands = new Commands(this, name)
    const child = spawn(process.execPath, [join(this.#wanted.root, script)], {
      cwd: this.#folder('work'),
      env: { ...this.#environment(), ...files, ...(name === 'post' ? prefixed('STATE_', this.state) : {}) },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true
    })
    const end = await watch(child, { onLine: (line) => commands.line(line), killOn, timeout: this.#wanted.timeout ?? 60_000 })
    this.#collect(name, files)
    return { ...end, visibleLog: commands.visible.join('\n') }
  }

  #folder(name: string): string {
    return join(this.#home, name)
  }

  #environment(): Record<string, string> {
    const { env = {} } = this.#wanted
    return {
      ...env,
      ...this.added,
      PATH: [...this.paths.toReversed(), env['PATH'] ?? process.env['PATH'] ?? ''].join(':'),
      HOME: env['HOME'] ?? this.#folder('home'),
      ...this.#basics(),
      ...this.#inputs()
    }
  }

  #basics(): Record<string, string> {
    const { runner, github } = BASICS
    const places = { WORKSPACE: this.#folder('work') }
    const ofGithub = prefixed('GITHUB_', { ...github, ...places, EVENT_PATH: this.#folder('event.json') })
    const ofRunner = prefixed('RUNNER_', { ...runner, ...places, TEMP: this.#folder('temp'), TOOL_CACHE: this.#folder('tools') })
    const given = Object.entries(this.#wanted.env ?? {}).filter(([name]) => /^(GITHUB|RUNNER)_/.test(name))
    return { CI: 'true', ...ofGithub, ...ofRunner, ...Object.fromEntries(given) }
  }

  /** INPUT_ and the name in capitals, spaces as underscores; hyphens stay. Unknown inputs are warned of and handed over. */
  #inputs(): Record<string, string> {
    const values: Record<string, string> = {}
    for (const [name, input] of Object.entries(this.#action.inputs)) {
      const value = input?.default ?? ''
      if (value.includes('${{') && this.#wanted.inputs?.[name] === undefined)
        throw new Error(`the default of ${name} is an expression, which the emulator does not evaluate: give the input`)
      values[name] = value
    }
    Object.assign(values, this.#wanted.inputs)
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]))
  }

  #collect(step: 'main' | 'post', files: Readonly<Record<string, string>>): void {
    const read = (file: (typeof FILES)[number]): string => readFileSync(files[`GITHUB_${file}`] ?? '', 'utf8')
    Object.assign(this.outputs, parseFile('GITHUB_OUTPUT', read('OUTPUT')))
    Object.assign(this.state, parseFile('GITHUB_STATE', read('STATE')))
    Object.assign(this.added, parseFile('GITHUB_ENV', read('ENV')))
    if ('NODE_OPTIONS' in this.added) throw new Error("GITHUB_ENV: can't store NODE_OPTIONS")
    this.paths.push(
      ...read('PATH')
        .split('\n')
        .filter((line) => line !== '')
    )
    const summary = read('STEP_SUMMARY')
    if (Buffer.byteLength(summary) <= SUMMARY_BYTES) this.summary += mask(summary, this.masks)
    else this.annotations.push({ step, level: 'error', message: '$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of 1024k', properties: {} })
  }
}

const prefixed = (prefix: string, values: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}${name}`, value]))
