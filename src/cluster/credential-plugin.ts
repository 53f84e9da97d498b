import { z } from 'zod'
import { ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { type Ended, run } from '../process/run.ts'
import type { Exec } from './kubeconfig-format.ts'
import { type Chosen, fileOrData } from './kubeconfig.ts'
import { harmless, linesOf } from './plugin-words.ts'

/** What a credential plugin is started with, and what ends it. */
export interface Starting {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal?: AbortSignal | undefined
  /** Milliseconds that a plugin may take. */
  readonly limit?: number
  /** Gets what it says for people, line by line as it comes, without what may be a credential. */
  readonly onPluginLine?: (line: string) => void
}

export interface Credential {
  readonly token: string | undefined
  readonly certificate: { readonly cert: string; readonly key: string } | undefined
  /** Milliseconds since 1970; undefined: it lasts. */
  readonly expires: number | undefined
}

export type WithPlugin = Chosen & { readonly exec: Exec }

/** Inputs, among which secrets are: no business of a plugin's. */
const INPUT = /^(?:KSCAN|INPUT)_/
/** Cloud providers' programs take some seconds. */
const PLUGIN_MS = 30_000
/** Of its answer; a credential is far smaller. */
const ANSWER_BYTES = 4 * 1024 * 1024

/** Starts the program of a kubeconfig, with a closed standard input, and takes the credential out of its answer. Throws ACCESS_DENIED. */
export const askPlugin = async (chosen: WithPlugin, { env, signal, limit = PLUGIN_MS, onPluginLine }: Starting): Promise<Credential> => {
  const { command, args, env: own } = chosen.exec
  const given = (own ?? []).map(({ value }) => value)
  const said = { answer: [] as Buffer[], bytes: 0, last: '' }
  const lines = linesOf((line) => {
    said.last = harmless(line, given)
    onPluginLine?.(said.last)
  })
  const onOutput = (chunk: Buffer, from: 'stdout' | 'stderr'): void => {
    if (from === 'stderr') return lines.add(chunk)
    said.bytes += chunk.length
    if (said.bytes <= ANSWER_BYTES) said.answer.push(chunk)
  }
  const ended = await run({
    file: command,
    args: args ?? [],
    env: environment(chosen, env),
    timeout: limit,
    onOutput,
    ...(signal === undefined ? {} : { signal })
  })
  lines.end()
  signal?.throwIfAborted()
  const broken = endingOf(ended, { limit, last: said.last })
  const credential = broken ?? credentialIn(said.bytes > ANSWER_BYTES ? '' : Buffer.concat(said.answer).toString('utf8'), chosen.exec)
  if (typeof credential === 'string') throw pluginFailure(chosen, credential, ended)
  return credential
}

const environment = (chosen: WithPlugin, env: Starting['env']): Record<string, string> => {
  const ours = Object.entries(env).flatMap(([name, value]): [string, string][] => (value === undefined || INPUT.test(name) ? [] : [[name, value]]))
  const own = (chosen.exec.env ?? []).map(({ name, value }): [string, string] => [name, value])
  return Object.fromEntries([...ours, ...own, ['KUBERNETES_EXEC_INFO', JSON.stringify(infoFor(chosen))]])
}

const CONFIG_OF_PLUGIN = 'client.authentication.k8s.io/exec'

/** What a plugin is told, which is of the cluster only where it asks for that. */
const infoFor = ({ exec, cluster }: WithPlugin): unknown => {
  const ca = fileOrData('certificate-authority', cluster)
  const config = cluster.extensions?.find(({ name }) => name === CONFIG_OF_PLUGIN)?.extension
  const told = {
    server: cluster.server,
    'tls-server-name': cluster['tls-server-name'],
    'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'] ? true : undefined,
    'certificate-authority-data': ca?.toString('base64'),
    'proxy-url': cluster['proxy-url'],
    config
  }
  return { apiVersion: exec.apiVersion, kind: 'ExecCredential', spec: { interactive: false, ...(exec.provideClusterInfo ? { cluster: told } : {}) } }
}

/** Why there is no answer. Nothing of the answer: a plugin that fails may still print a token. */
const endingOf = ({ error, reason, exitCode, signal }: Ended, { limit, last }: { limit: number; last: string }): string | undefined => {
  if (error !== undefined) return `it could not be started${'code' in error ? ` (${String(error.code)})` : ''}`
  const words = last === '' ? '' : `; it said: ${last}`
  if (reason === 'timed-out') return `it did not end within ${limit / 1000} s${words}`
  if (reason !== 'exited') return `it was ended by ${signal ?? 'a signal'}${words}`
  return exitCode === 0 ? undefined : `it ended with exit code ${exitCode}${words}`
}

const text = z.string().min(1).optional().catch(undefined)
const Status = z.looseObject({ token: text, clientCertificateData: text, clientKeyData: text, expirationTimestamp: text })
const Answer = z.looseObject({ apiVersion: z.string().optional(), kind: z.string().optional(), status: Status.nullish() })

/** The credential, or why there is none. */
const credentialIn = (said: string, exec: Exec): Credential | string => {
  const answer = jsonOf(said)
  if (answer === undefined) return 'it printed no JSON'
  const parsed = Answer.safeParse(answer)
  if (!parsed.success || parsed.data.kind !== 'ExecCredential') return 'it printed no ExecCredential'
  const { apiVersion = 'none', status } = parsed.data
  if (apiVersion !== exec.apiVersion) return printableLine(`it answers by the apiVersion ${apiVersion}, and the kubeconfig wants ${exec.apiVersion ?? ''}`, 200)
  return status === null || status === undefined ? 'its answer has no status, and so no credential' : credentialOf(status)
}

const credentialOf = ({ token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp }: z.infer<typeof Status>): Credential | string => {
  const expires = expirationTimestamp === undefined ? undefined : Date.parse(expirationTimestamp)
  if (Number.isNaN(expires)) return 'its credential has an expirationTimestamp that is no time'
  if (cert !== undefined && key !== undefined) return { token, certificate: { cert, key }, expires }
  if ((cert ?? key) !== undefined) return 'its credential holds a certificate or a key, and not both'
  return token === undefined ? 'its credential holds neither a token nor a certificate' : { token, certificate: undefined, expires }
}

/** Blank lines before it are no fault. */
const jsonOf = (said: string): unknown => {
  try {
    return JSON.parse(said.trim())
  } catch {
    return undefined
  }
}

const pluginFailure = ({ context, exec }: WithPlugin, reason: string, { error }: Ended): ScanError => {
  const { installHint } = exec
  return new ScanError('ACCESS_DENIED', `The credential plugin of context ${printableLine(context.name)} failed: ${reason}`, {
    hint:
      error === undefined || installHint === undefined
        ? 'Run the program that the kubeconfig names under `exec` by hand.'
        : `The kubeconfig says of it: ${printableLine(installHint, 1000)}`
  })
}
