import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inert } from '../kernel/name.ts'
import { Redactor } from '../kernel/redact/redactor.ts'
import { isPrivate, whyUntrusted } from './event.ts'
import type { Host, RawInput, Uploaded } from './host.ts'
import { workspaceOf } from './job.ts'
import { environmentInputs, homeOf, quietCount } from './terminal.ts'

/** The toolkit's functions that we use; loaded by the entry, so that the command line never loads them. */
export interface Toolkit {
  readonly core: typeof import('@actions/core')
  /** Loaded when something is uploaded. */
  readonly artifact: () => Promise<typeof import('./artifact.ts')>
}

/** Milliseconds. */
export interface GithubLimits {
  /** How long an upload may take; it never changes the verdict. */
  readonly upload: number
}

export const LIMITS: GithubLimits = { upload: 60_000 }

/** A job of GitHub Actions. */
export const githubHost = (toolkit: Toolkit, env: Readonly<Record<string, string | undefined>>, limits = LIMITS): Host => {
  const { core } = toolkit
  const redactor = new Redactor()
  const temp = env['RUNNER_TEMP'] || tmpdir()
  const own = env['RUNNER_TEMP'] || join(homeOf(env), '.cache') // never a folder in /tmp whose name others know
  const put = (line: string): void => core.info(inert(redactor.redact(line)))
  return {
    name: 'github',
    env,
    log: {
      info: put,
      warn: (line) => put(`warning: ${line}`),
      error: (line) => put(`error: ${line}`),
      debug: (line) => core.debug(redactor.redact(line))
    },
    inputs: () => actionInputs(env),
    journalFolder: join(own, 'kscan'),
    toolFolder: join(env['RUNNER_TOOL_CACHE'] || own, 'kscan'),
    tempFolder: temp,
    workspace: workspaceOf(env),
    inJob: true,
    owner: `${env['GITHUB_REPOSITORY'] ?? ''}#${env['GITHUB_RUN_ID'] ?? ''}.${env['GITHUB_RUN_ATTEMPT'] ?? ''}/${env['GITHUB_JOB'] ?? ''}`,
    untrusted: whyUntrusted({ GITHUB_ACTIONS: 'true', ...env }),
    uploadByDefault: isPrivate(env),
    width: undefined,
    phase: (title, work) => core.group(title, work),
    mask: (secret) => {
      redactor.add(secret)
      for (const line of secret.split(/\r?\n/)) if (line.trim() !== '') core.setSecret(line.trim())
    },
    secrets: () => redactor.secrets(),
    remember: (seal) => core.saveState('journal', seal),
    setOutput: (name, value) => core.setOutput(name, value),
    summary: async (markdown) => void (await core.summary.addRaw(redactor.redact(markdown), true).write()),
    annotate: (level, title, message) => {
      const text = redactor.redact(message).slice(0, 4000)
      if (level === 'error') core.error(text, { title })
      else core.warning(text, { title })
    },
    upload: (name, files, options) => upload({ toolkit, env }, name, { files, ...options, limit: limits.upload }),
    progress: quietCount(put),
    say: (text) => put(text),
    print: (text) => put(text)
  }
}

/** `INPUT_MAX-TARGETS` is `max-targets`; an empty one was not given. */
const actionInputs = (env: Readonly<Record<string, string | undefined>>): Map<string, RawInput> => {
  const inputs = environmentInputs(env)
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith('INPUT_') && value !== undefined && value.trim() !== '')
      inputs.set(name.slice(6).toLowerCase().replaceAll('_', '-'), { value, origin: 'input' })
  }
  return inputs
}

type Env = Readonly<Record<string, string | undefined>>

/** As GitHub shows it to people. */
const addressOf = (env: Env, artifact: number): string =>
  `${env['GITHUB_SERVER_URL'] ?? 'https://github.com'}/${env['GITHUB_REPOSITORY'] ?? ''}/actions/runs/${env['GITHUB_RUN_ID'] ?? ''}/artifacts/${artifact}`

const upload = async (
  { toolkit, env }: { toolkit: Toolkit; env: Env },
  name: string,
  what: { files: readonly string[]; root: string; retentionDays: number; limit: number }
): Promise<Uploaded | undefined> => {
  const { isGhes, uploadArtifact } = await toolkit.artifact()
  if (isGhes()) throw new Error('this GitHub Enterprise Server has no artifact service that can be used')
  const options = what.retentionDays > 0 ? { retentionDays: what.retentionDays } : {}
  const limit = Promise.withResolvers<never>()
  const timer = setTimeout(() => limit.reject(new Error(`the artifact service did not answer within ${what.limit / 1000} s`)), what.limit)
  try {
    const { id, digest } = await Promise.race([uploadArtifact(name, [...what.files], what.root, options), limit.promise])
    return { id: String(id ?? ''), digest: digest ?? '', url: id === undefined ? '' : addressOf(env, id) }
  } finally {
    clearTimeout(timer)
  }
}
