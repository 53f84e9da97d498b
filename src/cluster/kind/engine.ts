import { z } from 'zod'
import { type Clock, systemClock } from '../../kernel/clock.ts'
import { type EngineName, ENGINES } from '../../kernel/engine.ts'
import { messageOf, ScanError } from '../../kernel/error.ts'
import { printableLine } from '../../kernel/name.ts'
import { findOnPath } from '../../process/find.ts'
import { type Ended, type Job, run } from '../../process/run.ts'

/** A container engine that answers. */
export interface Engine {
  readonly name: EngineName
  readonly file: string
  readonly env: Readonly<Record<string, string>>
  /** As in DOCKER_HOST: `unix:///var/run/docker.sock`, `tcp://docker:2376`; empty where it has none. */
  readonly endpoint: string
  readonly version: string
  /** As images name it: amd64, arm64. */
  readonly arch: string
  /** `1` or `2`; empty where the engine does not say. */
  readonly cgroup: string
  readonly rootless: boolean
  /** The folder of its images, on its own machine; empty where it does not say. */
  readonly folder: string
}

export interface EngineOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  readonly clock?: Clock
}

/** What engines, kind and their helpers read of the environment: where the engine is, who we are to it, and proxies. Nothing of a cluster, a cloud or a CI system. */
const PASSED_ON =
  /^(?:PATH|HOME|LANG|TZ|TMPDIR|USER|LOGNAME|XDG_(?:RUNTIME|CONFIG|DATA|CACHE)_(?:DIR|HOME)|SSL_CERT_(?:FILE|DIR)|DOCKER_(?:HOST|CONTEXT|CONFIG|CERT_PATH|TLS_VERIFY|TLS|API_VERSION)|CONTAINER_(?:HOST|SSHKEY)|CONTAINERS_\w+|CONTAINERD_(?:ADDRESS|NAMESPACE)|NERDCTL_TOML|DBUS_SESSION_BUS_ADDRESS|SSH_AUTH_SOCK|KIND_(?:EXPERIMENTAL_\w+|DNS_SEARCH)|(?:HTTPS?|NO)_PROXY|(?:https?|no)_proxy)$/

export const engineEnvironment = (env: EngineOptions['env']): Record<string, string> =>
  Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined || value === '' || !PASSED_ON.test(name) ? [] : [[name, value]])))

const ASK_MS = 10_000
/** A service container of a CI system starts beside us. */
const SERVICE_MS = 30_000
const PAUSE_MS = 1000

/** The first engine that answers; KIND_EXPERIMENTAL_PROVIDER names the one that is meant. Throws CLUSTER_FAILED with each one's reason. */
export const findEngine = async (options: EngineOptions): Promise<Engine> => {
  const asked = options.env['KIND_EXPERIMENTAL_PROVIDER']
  const reasons: string[] = []
  for (const name of ENGINES.filter((each) => asked === undefined || asked === '' || asked === each)) {
    const found = await tryEngine(name, options)
    options.signal.throwIfAborted()
    if (typeof found !== 'string') return found
    reasons.push(`${name}: ${found}`)
  }
  throw noEngine(reasons.length === 0 ? [`KIND_EXPERIMENTAL_PROVIDER names none of ${ENGINES.join(', ')}`] : reasons, options.env)
}

const noEngine = (reasons: readonly string[], env: EngineOptions['env']): ScanError =>
  new ScanError('CLUSTER_FAILED', `No container engine answers: ${reasons.join('; ')}`, { hint: hintOf(reasons.join(' '), env) })

const hintOf = (reasons: string, env: EngineOptions['env']): string => {
  const instead = 'or scan a cluster that exists: name its context.'
  if (/permission denied/i.test(reasons)) return `Give this user the right to the engine's socket (group docker), ${instead}`
  if (env['GITLAB_CI'] !== undefined) return `Give the job the service docker:dind (the runner must be privileged), ${instead}`
  if (env['GITHUB_ACTIONS'] !== undefined) return `In a job with \`container:\`, mount /var/run/docker.sock, or run the step on the host; ${instead}`
  return `Install Docker, Podman or nerdctl and start it, ${instead}`
}

/** The engine, or why it cannot be used. */
const tryEngine = async (name: EngineName, { env: given, signal, clock = systemClock }: EngineOptions): Promise<Engine | string> => {
  const env = engineEnvironment(given)
  const file = await findOnPath(name, env['PATH'])
  if (file === undefined) return 'not on PATH'
  const endpoint = await engineEndpoint({ name, file, env }, signal)
  const end = clock.now() + (endpoint.startsWith('tcp:') ? SERVICE_MS : 0)
  for (;;) {
    const ended = await run({ file, args: ['info', '--format', INFO_FORMAT[name]], env, timeout: ASK_MS, signal })
    const facts = ended.exitCode === 0 ? READ_INFO[name](ended.stdout) : undefined
    if (facts !== undefined) return { name, file, env, endpoint, ...facts }
    if (clock.now() >= end || signal.aborted) return ended.exitCode === 0 ? 'it does not say what it is' : complaint(ended)
    await clock.sleep(PAUSE_MS, signal).catch(() => {})
  }
}

/** Docker knows several engines by name (`docker context`), of which one is in use. */
export const engineEndpoint = async ({ name, file, env }: Pick<Engine, 'name' | 'file' | 'env'>, signal?: AbortSignal): Promise<string> => {
  if (name === 'podman') return env['CONTAINER_HOST'] ?? ''
  if (name === 'nerdctl') return ''
  const given = env['DOCKER_HOST'] ?? ''
  if (given !== '') return given
  const args = ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}']
  const ended = await engineRun({ file, env }, { args, ...(signal === undefined ? {} : { signal }) })
  return ended.exitCode === 0 ? printableLine(ended.stdout) : ''
}

type Facts = Pick<Engine, 'version' | 'arch' | 'cgroup' | 'rootless' | 'folder'>

const INFO_FORMAT: Readonly<Record<EngineName, string>> = { docker: '{{json .}}', nerdctl: '{{json .}}', podman: 'json' }

const DockerInfo = z.looseObject({
  ServerVersion: z.string().min(1),
  Architecture: z.string(),
  CgroupVersion: z.string().default(''),
  DockerRootDir: z.string().default(''),
  SecurityOptions: z.array(z.string()).nullish()
})
const PodmanInfo = z.looseObject({
  version: z.looseObject({ Version: z.string().min(1) }),
  host: z.looseObject({
    arch: z.string(),
    cgroupVersion: z.string().default(''),
    security: z.looseObject({ rootless: z.boolean().default(false) }).default({ rootless: false })
  }),
  store: z.looseObject({ graphRoot: z.string().default('') }).default({ graphRoot: '' })
})

const readDocker = (text: string): Facts | undefined => {
  const { data } = DockerInfo.safeParse(json(text))
  if (data === undefined) return undefined
  const rootless = (data.SecurityOptions ?? []).some((option) => option.includes('rootless'))
  return { version: data.ServerVersion, arch: archOf(data.Architecture), cgroup: data.CgroupVersion, rootless, folder: data.DockerRootDir }
}

const readPodman = (text: string): Facts | undefined => {
  const { data } = PodmanInfo.safeParse(json(text))
  if (data === undefined) return undefined
  const { host, store, version } = data
  return {
    version: version.Version,
    arch: archOf(host.arch),
    cgroup: host.cgroupVersion.replace(/^v/, ''),
    rootless: host.security.rootless,
    folder: store.graphRoot
  }
}

const READ_INFO: Readonly<Record<EngineName, (text: string) => Facts | undefined>> = { docker: readDocker, nerdctl: readDocker, podman: readPodman }

const json = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const archOf = (machine: string): string => ({ x86_64: 'amd64', aarch64: 'arm64' })[machine] ?? machine

export type Ask = Pick<Job, 'args'> & Partial<Pick<Job, 'timeout' | 'signal' | 'cwd'>>

/** Starts one command of the engine; how it ended is a value. */
export const engineRun = ({ file, env }: Pick<Engine, 'file' | 'env'>, ask: Ask): Promise<Ended> => run({ file, env, timeout: ASK_MS, ...ask })

/** The network of all clusters of kind. */
export const networkOf = (env: Engine['env']): string => env['KIND_EXPERIMENTAL_DOCKER_NETWORK'] ?? env['KIND_EXPERIMENTAL_PODMAN_NETWORK'] ?? 'kind'

/** The last words of a program that failed, on one line. */
export const complaint = (ended: Ended): string => {
  if (ended.reason === 'timed-out') return 'it did not answer in time'
  if (ended.reason === 'not-started') return `it could not be started: ${messageOf(ended.error)}`
  const lines = (ended.stderr.trim() || ended.stdout.trim()).split('\n')
  return printableLine(lines.slice(-3).join(' '), 400) || `it ended with ${ended.exitCode ?? ended.signal}`
}

/** What kind is started with: the engine's environment, and which engine is meant. */
export const kindEnvironment = ({ env, name }: Pick<Engine, 'env' | 'name'>): Record<string, string> => ({ ...env, KIND_EXPERIMENTAL_PROVIDER: name })
