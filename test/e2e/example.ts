import { execFileSync, spawn } from 'node:child_process'
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { stringify } from 'yaml'
import { KNOWN_ACTIONS } from '../support/known-actions.ts'
import { freePort, shareTools } from './act.ts'
import { unzip } from './secrets.ts'

/** A workflow of examples/ that was run, with what it uploaded. */
export interface Exampled {
  readonly code: number
  readonly log: string
  /** The files of each artifact, by the artifact's name. */
  readonly artifacts: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** Of the user's repository, with what stand-ins have put beside it. */
  readonly folder: string
}

/** What stands in for a platform's part, or for what the user of an example brings along. */
export interface Surroundings {
  readonly secrets?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** Files of the user's repository. */
  readonly files?: Readonly<Record<string, string>>
  /** Programs that are first on PATH, as shell scripts. */
  readonly programs?: Readonly<Record<string, string>>
  /** By its name, what an action of somebody else's does: a script of bash with its inputs as variables, as `$INPUT_sarif_file`. */
  readonly actions?: Readonly<Record<string, string>>
  readonly event?: string
  /** What GitHub tells of the event. */
  readonly payload?: object
  /** What is changed in the text of workflow and files: names that are others on this cluster. */
  readonly change?: (text: string) => string
}

const ACTION_PATHS = ['dist', 'action.yml']
/** Of examples/: what workflows read from the repository. */
const BESIDE = ['keyless', 'service-account', 'distroless', 'thresholds', 'sidecar', 'toolbox-volume']

const write = (file: string, text: string, mode = 0o644): void => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text, { mode })
}

/** An action whose one step is a script. */
const standIn = (name: string, script: string): string => {
  const inputs = KNOWN_ACTIONS[name]?.inputs ?? []
  const env = Object.fromEntries(inputs.map((input) => [`INPUT_${input.replaceAll('-', '_')}`, `\${{ inputs.${input} }}`]))
  return stringify({
    name,
    description: `Stands in for ${name}`,
    inputs: Object.fromEntries(inputs.map((input) => [input, { description: input, required: false }])),
    runs: { using: 'composite', steps: [{ shell: 'bash', env, run: script }] }
  })
}

/** Folders of actions, as act takes them in place of repositories. */
const actionFolders = (home: string, scripts: Readonly<Record<string, string>>): string[] => {
  const ours = join(home, 'actions/kscan')
  for (const path of ACTION_PATHS) cpSync(resolve(path), join(ours, path), { recursive: true })
  const others = Object.entries(scripts).map(([name, script]) => {
    const [owner = '', repository = '', ...path] = name.split('/')
    const root = join(home, 'actions', `${owner}-${repository}-${path.join('-')}`)
    write(join(root, ...path, 'action.yml'), standIn(name, script))
    return `${owner}/${repository}@${KNOWN_ACTIONS[name]?.commit ?? ''}=${root}`
  })
  return [`org/kscan-action@v1=${ours}`, ...others].flatMap((replaced) => ['--local-repository', replaced])
}

const git = (folder: string, ...args: string[]): void =>
  void execFileSync('git', ['-c', 'user.name=e2e', '-c', 'user.email=e2e@example.test', ...args], { cwd: folder, stdio: 'ignore' })

/** The repository of somebody who has copied the example, with the files that it needs. */
const repository = (file: string, { files = {}, change = (text) => text }: Surroundings): string => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-example-'))
  write(join(folder, '.github/workflows', basename(file)), change(readFileSync(file, 'utf8')))
  for (const path of BESIDE)
    for (const found of globSync(join('examples', path, '*'))) write(join(folder, found.slice('examples/'.length)), change(readFileSync(found, 'utf8')))
  for (const [path, text] of Object.entries(files)) write(join(folder, path), text)
  git(folder, 'init', '--quiet', '--initial-branch=main')
  git(folder, 'remote', 'add', 'origin', 'https://github.com/org/shop.git')
  git(folder, 'add', '--all')
  git(folder, 'commit', '--quiet', '--message=e2e')
  return folder
}

/** Runs a workflow of examples/ on this machine, with the action as built in place of the published one. */
export const runExample = async (file: string, surroundings: Surroundings): Promise<Exampled> => {
  const folder = repository(file, surroundings)
  const home = mkdtempSync(join(tmpdir(), 'kscan-example-home-'))
  const artifacts = join(home, 'artifacts')
  shareTools(join(home, '.cache'))
  for (const [name, script] of Object.entries(surroundings.programs ?? {})) write(join(home, 'bin', name), `#!/bin/bash\nset -eu\n${script}`, 0o755)
  const secrets = Object.entries(surroundings.secrets ?? {}).map(([name, value]) => `${name}='${value}'\n`)
  write(join(home, 'secrets'), secrets.join(''), 0o600)
  const env = { KSCAN_UPLOAD: 'always', FOLDER: home, ...surroundings.env }
  write(join(home, 'event.json'), JSON.stringify(surroundings.payload ?? {}))
  const port = ['--artifact-server-port', String(await freePort())]
  const local = ['--artifact-server-path', artifacts, '--artifact-server-addr', '127.0.0.1', ...port, '--cache-server-addr', '127.0.0.1']
  const given = [
    '-e',
    join(home, 'event.json'),
    '--secret-file',
    join(home, 'secrets'),
    ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`])
  ]
  const workflow = join('.github/workflows', basename(file))
  const args = [surroundings.event ?? 'push', '-W', workflow, '-P', 'ubuntu-24.04=-self-hosted', ...actionFolders(home, surroundings.actions ?? {}), ...given]
  const child = spawn('act', [...args, ...local], {
    cwd: folder,
    env: {
      PATH: `${dirname(process.execPath)}:${join(home, 'bin')}:${process.env['PATH'] ?? ''}`,
      HOME: home,
      XDG_CACHE_HOME: join(home, '.cache')
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 240_000
  })
  const ended = new Promise<number>((done) => child.once('close', (code) => done(code ?? -1)))
  const [code, out, error] = await Promise.all([ended, textOf(child.stdout), textOf(child.stderr)])
  return { code, log: out + error, artifacts: artifactsIn(artifacts), folder: home }
}

const artifactsIn = (folder: string): Map<string, ReadonlyMap<string, string>> =>
  new Map(
    globSync('**/*.zip', { cwd: folder }).map((path) => [
      basename(path, '.zip'),
      new Map(unzip(readFileSync(join(folder, path))).map(([name, bytes]) => [name, bytes.toString()]))
    ])
  )

/** What the run.json of an artifact says; without a name, of the only one. */
export const runOf = ({ artifacts, log }: Exampled, name = [...artifacts.keys()].join()): Readonly<Record<string, unknown>> => {
  const text = artifacts.get(name)?.get('run.json')
  if (text === undefined) throw new Error(`no run.json in ${name} of ${[...artifacts.keys()].join()}: ${log}`)
  return JSON.parse(text) as Readonly<Record<string, unknown>>
}
