import { createHash } from 'node:crypto'
import { cpSync, lstatSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { isBelow } from '../kernel/below.ts'
import { messageOf } from '../kernel/error.ts'
import { makeFolder } from '../kernel/folder.ts'
import { inert, printable } from '../kernel/name.ts'
import type { Host, RawInput, Uploaded, UploadOptions } from './host.ts'
import { environmentInputs, terminalHost, type TerminalOptions } from './terminal.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Where a job leaves what it uploads and passes on, from the project's folder: GitLab's component names these places. */
export const ARTIFACT_FOLDER = 'kscan-artifact'
export const DOTENV_FILE = '.kscan/outputs.env'
export const LINKS_FILE = '.kscan/links.json'

/** The outputs that go into the dotenv report: GitLab takes no more than twenty. */
export const DOTENV_NAMES: readonly string[] = [
  'result',
  'compliance',
  'controls-passed',
  'controls-failed',
  'controls-skipped',
  'controls-errored',
  'controls-not-applicable',
  'controls-waived',
  'controls-unjudged',
  'new-failures',
  'failed-critical',
  'failed-high',
  'target-count',
  'approaches-used',
  'reports-path',
  'hdf-path',
  'run-json-path',
  'artifact-url',
  'cluster-name',
  'leftovers'
]

/** What GitLab itself gives to a job and nobody else may see. */
const SECRETS = ['CI_JOB_TOKEN', 'CI_REGISTRY_PASSWORD', 'CI_DEPENDENCY_PROXY_PASSWORD', 'CI_DEPLOY_PASSWORD']

/** A job of GitLab, or of a program that runs such jobs on a person's machine, which says GITLAB_CI=false. */
export const isGitlab = (env: Env): boolean => env['GITLAB_CI'] === 'true' || (env['GITLAB_CI'] === 'false' && isSet(env['CI_JOB_ID']))

const isSet = (value: string | undefined): value is string => value !== undefined && value !== ''

/** A job of GitLab. */
export const gitlabHost = (options: TerminalOptions): Host => {
  const { env, stderr } = options
  const terminal = terminalHost(options)
  const place = { root: projectFolder(env), env }
  for (const name of SECRETS) if (isSet(env[name])) terminal.mask(env[name])
  const outputs = new Map<string, string>(DOTENV_NAMES.map((name) => [name, '']))
  let uploaded: { readonly from: string; readonly to: string } | undefined
  const section = sections((text) => void stderr.write(text))
  return {
    ...terminal,
    name: 'gitlab',
    inJob: true,
    begin: () => forget(place),
    inputs: () => jobInputs(env),
    journalFolder: journalFolder(place) ?? terminal.journalFolder,
    owner: `${env['CI_PROJECT_PATH'] ?? ''}#${env['CI_PIPELINE_ID'] ?? ''}/${env['CI_JOB_ID'] ?? ''}`,
    uploadByDefault: ['private', 'internal'].includes(env['CI_PROJECT_VISIBILITY'] ?? ''),
    phase: (title, work) => section(title, () => terminal.phase(title, work)),
    setOutput: (name, value) => {
      if (!outputs.has(name)) return
      outputs.set(name, plain(placeIn(value, place.root, uploaded)))
      try {
        write(place.root, DOTENV_FILE, dotenv(outputs))
      } catch (error) {
        if (name === 'result') terminal.log.warn(`the outputs could not be written to ${DOTENV_FILE}: ${messageOf(error)}`)
      }
    },
    upload: (_name, files, given) => {
      uploaded = { from: given.reports, to: folderFor(given.reports, place.root) }
      return Promise.resolve(keep(place, files, { ...given, to: uploaded.to }))
    }
  }
}

/** The folder from which GitLab takes artifacts. A program that runs jobs on a person's machine may name one of a container that is not there: then it is this one. */
const projectFolder = (env: Env): string => {
  const folder = env['CI_PROJECT_DIR']
  return isSet(folder) && statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? resolve(folder) : process.cwd()
}

/** A value of blanks, as the component gives it for what its user left out, was not given. */
const jobInputs = (env: Env): Map<string, RawInput> => new Map([...environmentInputs(env)].filter(([, { value }]) => value.trim() !== ''))

/**
 * Between a job's script and its after_script only the project's folder stays, and that is somebody's commit. Nobody can commit this folder: its name comes of the
 * job's token. Undefined where there is none, as on a person's machine.
 */
const journalFolder = ({ root, env }: Place): string | undefined => {
  const token = env['CI_JOB_TOKEN']
  if (!isSet(token)) return undefined
  const name = createHash('sha256')
    .update(`kscan journal\n${env['CI_JOB_ID'] ?? ''}\n${token}`)
    .digest('hex')
    .slice(0, 32)
  return join(root, '.kscan', `journal-${name}`)
}

type Section = <T>(title: string, work: () => Promise<T>) => Promise<T>

/** A part of the log that GitLab folds. Its marks hold escapes, which no text from outside can bring. */
const sections = (put: (text: string) => void): Section => {
  let count = 0
  const mark = (what: string): string => `section_${what}\r\u001b[0K`
  const now = (): number => Math.floor(Date.now() / 1000)
  return async (title, work) => {
    count += 1
    const name = `kscan_${count}`
    put(`${mark(`start:${now()}:${name}`)}${inert(printable(title))}\n`)
    try {
      return await work()
    } finally {
      put(`${mark(`end:${now()}:${name}`)}\n`)
    }
  }
}

/** Later jobs find the copies that were uploaded, from the project's folder. */
const placeIn = (value: string, root: string, uploaded: { readonly from: string; readonly to: string } | undefined): string => {
  if (!isAbsolute(value)) return value
  if (uploaded !== undefined && isBelow(value, uploaded.from)) return join(uploaded.to, relative(uploaded.from, value))
  return isBelow(value, root) ? relative(root, value) : value
}

/** GitLab expands variables in these values, and takes one line for each: what would not arrive as it is does not go. */
const plain = (value: string): string => (/^[\x20-\x7e]{0,500}$/.test(value) && !/[$"'\\]/.test(value) ? value : '')

const dotenv = (outputs: ReadonlyMap<string, string>): string =>
  [...outputs].map(([name, value]) => `KSCAN_OUT_${name.toUpperCase().replaceAll('-', '_')}=${value}\n`).join('')

interface Place {
  readonly root: string
  readonly env: Env
}

const reportsPathOf = (env: Env): string => jobInputs(env).get('reports-path')?.value.trim() ?? 'kscan-reports'

/** Where copies of a folder of reports go, from the project's folder. */
const folderFor = (reports: string, root: string): string => join(ARTIFACT_FOLDER, isBelow(reports, root) ? relative(root, reports) : 'reports')

const forget = ({ root, env }: Place): void => {
  clearWay(root, dirname(DOTENV_FILE))
  for (const path of [DOTENV_FILE, LINKS_FILE]) rmSync(join(root, path), { recursive: true, force: true })
  const folder = folderFor(resolve(root, reportsPathOf(env)), root)
  clearWay(root, folder)
  rmSync(join(root, folder), { recursive: true, force: true })
}

/** A commit can hold links in these places, which would lead elsewhere: they are taken away. */
const clearWay = (root: string, path: string): void => {
  let way = root
  for (const part of path.split('/')) {
    way = join(way, part)
    const found = lstatSync(way, { throwIfNoEntry: false })
    if (found === undefined) return
    if (!found.isDirectory()) rmSync(way)
  }
}

const write = (root: string, path: string, content: string): void => {
  clearWay(root, dirname(path))
  makeFolder(dirname(join(root, path)), 0o755)
  rmSync(join(root, path), { recursive: true, force: true })
  writeFileSync(join(root, path), content, { flag: 'wx' })
}

/** Lays the copies where the component's `artifacts` finds them, with links for the job's page. */
const keep = ({ root, env }: Place, files: readonly string[], { root: from, to }: UploadOptions & { readonly to: string }): Uploaded => {
  clearWay(root, to)
  for (const file of files) {
    const path = join(root, to, relative(from, file))
    makeFolder(dirname(path), 0o755)
    cpSync(file, path)
  }
  const names = files.map((file) => relative(from, file))
  write(root, LINKS_FILE, `${JSON.stringify({ kscan: linksTo(names, `${env['CI_JOB_URL'] ?? ''}/artifacts`, to) }, null, 2)}\n`)
  return { id: '', digest: '', url: isSet(env['CI_JOB_URL']) ? `${env['CI_JOB_URL']}/artifacts/browse/${to}/` : '' }
}

const linksTo = (names: readonly string[], artifacts: string, folder: string): object[] => {
  if (!artifacts.startsWith('http')) return []
  const link = (label: string, url: string): object => ({ external_link: { label, url } })
  const html = names.includes('report.html') ? [link('kscan: HTML report', `${artifacts}/file/${folder}/report.html`)] : []
  return [...html, link('kscan: all reports', `${artifacts}/browse/${folder}/`)]
}
