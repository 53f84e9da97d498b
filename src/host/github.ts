import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { inert } from '../kernel/name.ts'
import { Redactor } from '../kernel/secret.ts'
import type { Host, RawInput, Uploaded } from './host.ts'
import { environmentInputs, quietCount } from './terminal.ts'

/** The toolkit's functions that we use; loaded by the entry, so that the command line never loads them. */
export interface Toolkit {
  readonly core: typeof import('@actions/core')
  /** Loaded when something is uploaded. */
  readonly artifact: () => Promise<typeof import('@actions/artifact')>
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
  const temp = env['RUNNER_TEMP'] || '/tmp'
  const event = readEvent(env['GITHUB_EVENT_PATH'])
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
    journalFolder: join(temp, 'kscan'),
    toolFolder: join(env['RUNNER_TOOL_CACHE'] || temp, 'kscan'),
    tempFolder: temp,
    owner: `${env['GITHUB_REPOSITORY'] ?? ''}#${env['GITHUB_RUN_ID'] ?? ''}.${env['GITHUB_RUN_ATTEMPT'] ?? ''}/${env['GITHUB_JOB'] ?? ''}`,
    trusted: !fromFork(event),
    uploadByDefault: event.repository?.private === true,
    width: undefined,
    phase: (title, work) => core.group(title, work),
    mask: (secret) => {
      redactor.add(secret)
      for (const line of secret.split(/\r?\n/)) if (line.trim() !== '') core.setSecret(line.trim())
    },
    secrets: () => redactor.secrets(),
    remember: (run) => core.saveState('run', run),
    setOutput: (name, value) => core.setOutput(name, value),
    summary: async (markdown) => void (await core.summary.addRaw(redactor.redact(markdown), true).write()),
    annotate: (level, title, message) => {
      const text = redactor.redact(message).slice(0, 4000)
      if (level === 'error') core.error(text, { title })
      else core.warning(text, { title })
    },
    upload: (name, files, options) => upload(toolkit, name, { files, ...options, limit: limits.upload }),
    progress: quietCount(put),
    print: put
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

const Event = z.looseObject({
  repository: z.looseObject({ full_name: z.string().optional(), private: z.boolean().optional() }).optional(),
  pull_request: z.looseObject({ head: z.looseObject({ repo: z.looseObject({ full_name: z.string() }).nullish() }) }).optional()
})

/** The event that started the job; empty when it cannot be read. */
const readEvent = (path: string | undefined): z.infer<typeof Event> => {
  if (path === undefined || path === '') return {}
  try {
    return Event.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return {}
  }
}

const fromFork = (event: z.infer<typeof Event>): boolean =>
  event.pull_request !== undefined && event.pull_request.head.repo?.full_name !== event.repository?.full_name

const upload = async (
  toolkit: Toolkit,
  name: string,
  what: { files: readonly string[]; root: string; retentionDays: number; limit: number }
): Promise<Uploaded | undefined> => {
  const { DefaultArtifactClient } = await toolkit.artifact()
  const options = what.retentionDays > 0 ? { retentionDays: what.retentionDays } : {}
  const limit = Promise.withResolvers<never>()
  const timer = setTimeout(() => limit.reject(new Error(`the artifact service did not answer within ${what.limit / 1000} s`)), what.limit)
  try {
    const { id, digest } = await Promise.race([new DefaultArtifactClient().uploadArtifact(name, [...what.files], what.root, options), limit.promise])
    return { id: String(id ?? ''), digest: digest ?? '', url: '' }
  } finally {
    clearTimeout(timer)
  }
}
