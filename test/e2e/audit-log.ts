import { execFileSync } from 'node:child_process'
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { isOthers, KUBECONFIG } from './cluster.ts'

/** What the API server writes down of a request. */
export interface AuditEvent {
  readonly auditID: string
  readonly stage: string
  readonly verb: string
  readonly requestURI: string
  readonly user: { readonly username: string }
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string; readonly namespace?: string; readonly name?: string }
  readonly responseStatus?: { readonly code?: number }
}

/** The program that started the cluster. */
export const cluster = (...args: string[]): string => clusterWith({}, ...args)

/** The same with more in its environment, as flags for a program that it starts. */
export const clusterWith = (env: Readonly<Record<string, string>>, ...args: string[]): string => {
  const program = process.env['KSCAN_E2E_CLUSTER']
  if (program === undefined) throw new Error('KSCAN_E2E_CLUSTER must name the program that started the cluster')
  return execFileSync(program, args, { encoding: 'utf8', maxBuffer: 1024 * 1024 * 1024, env: { ...process.env, ...env } })
}

/** In the folder of the cluster's state, as its program prints it. */
const LOG = join(dirname(KUBECONFIG), 'log', 'audit.jsonl')

const from = (place: number): string => {
  const file = openSync(LOG, 'r')
  try {
    const bytes = Buffer.alloc(fstatSync(file).size - place)
    readSync(file, bytes, 0, bytes.length, place)
    return bytes.toString('utf8')
  } finally {
    closeSync(file)
  }
}

/** Begins to watch; what is called later gives each request that came since, once, in the order in which they began; without those of other workers. */
export const watchAudit = (): (() => AuditEvent[]) => {
  const before = statSync(LOG).size
  return () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100) // what was answered is written down a moment later
    const events = new Map<string, AuditEvent>()
    for (const line of from(before)
      .split('\n')
      .filter((each) => each !== '')) {
      const event = JSON.parse(line) as AuditEvent
      events.set(event.auditID, event) // the last stage of a request; a map keeps the place of the first
    }
    const known = [...events.values()].filter(({ user }) => 'username' in user) // a credential that the server does not know may be another worker's
    return known.filter(({ user, objectRef }) => ![user.username, objectRef?.namespace, objectRef?.name].some(isOthers))
  }
}

export const accountUser = (namespace: string, name: string): string => `system:serviceaccount:${namespace}:${name}`

export const REVIEW = 'create selfsubjectaccessreviews'
/** What somebody may do, and who that is. */
const REVIEWS = new Set([REVIEW, 'create selfsubjectreviews'])

/** `get pods/exec debian`, as a rule of a role would allow it. */
export const right = ({ verb, objectRef = {} }: AuditEvent): string =>
  [verb, [objectRef.resource, objectRef.subresource].filter((part) => part !== undefined).join('/'), objectRef.name]
    .filter((part) => part !== undefined)
    .join(' ')

const METHODS: Readonly<Record<string, string>> = { create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE', deletecollection: 'DELETE all of' }

/** What changes the cluster, as a plan writes it. A review keeps nothing, and is a question. An exec is one by its subresource, whatever its verb. */
export const changes = (events: readonly AuditEvent[]): string[] =>
  events
    .filter(
      (event) =>
        !REVIEWS.has(right(event)) && (event.verb in METHODS || ['exec', 'attach', 'portforward', 'proxy'].includes(event.objectRef?.subresource ?? ''))
    )
    .map(({ verb, requestURI }) =>
      `${METHODS[verb] ?? verb} ${requestURI.split('?')[0]?.slice(1)}`.replace(/kscan-[a-z0-9]{10}(?=(?:-\d+)?(?![a-z0-9-]))/, 'kscan-RUN')
    )

/** The lines of a plan below a heading. */
export const below = (plan: string, heading: string): string[] => {
  const lines = plan.split('\n')
  const from = lines.findIndex((line) => line.startsWith(heading)) + 1
  const length = lines.slice(from).findIndex((line) => !line.startsWith('  '))
  return lines.slice(from, length === -1 ? undefined : from + length).map((line) => line.trim().split('   ')[0] ?? '')
}
