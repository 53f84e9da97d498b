import type { V1PolicyRule } from '@kubernetes/client-node/dist/gen/models/V1PolicyRule.js'
import type { V1Role } from '@kubernetes/client-node/dist/gen/models/V1Role.js'
import type { V1RoleBinding } from '@kubernetes/client-node/dist/gen/models/V1RoleBinding.js'
import type { V1ServiceAccount } from '@kubernetes/client-node/dist/gen/models/V1ServiceAccount.js'
import { ApiError } from '../cluster/api.ts'
import { type Connection, connectWithToken } from '../cluster/connection.ts'
import { create, makeObject } from '../cluster/make.ts'
import { type Marks, metadata, type ObjectType } from '../cluster/manifests.ts'
import { refusalSentence, refuserIn } from '../cluster/refusal.ts'
import type { Clock } from '../kernel/clock.ts'
import { ScanError } from '../kernel/error.ts'
import type { Log } from '../kernel/log.ts'
import type { Journal } from '../undo/journal.ts'
import type { Scope } from '../undo/scope.ts'
import { explainUnknownToken } from './behind-proxy.ts'
import { awaitGrant, EFFECTIVE_MS, excess } from './review.ts'
import { type ApproachKind, type Rule, scanRules, showRule } from './role.ts'
import { TokenSource } from './token.ts'

/** How the scanner gets its rights: everything made for the run, a pre-installed account, or the caller's own. */
export type AccessMode = { readonly kind: 'per-run' } | { readonly kind: 'service-account'; readonly account: string } | { readonly kind: 'self' }

export interface GrantPorts {
  readonly caller: Connection
  readonly scope: Scope
  readonly journal: Journal
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  readonly onSecret: (value: string) => void
}

export interface GrantOptions {
  readonly mode: AccessMode
  readonly namespace: string
  readonly pods: readonly string[]
  readonly approach: ApproachKind
  /** Milliseconds. */
  readonly tokenTtl: number
  readonly marks: Marks
}

/** How long after one server has confirmed a grant another one may not know it yet. */
const LAG_MS = 5000

/** The scanner's identity, and what had to be made for it. */
export interface Access {
  readonly connection: Connection
  readonly made: readonly string[]
  readonly rules: readonly string[]
  /** What the scanner can do beyond its role, of what must be refused. */
  readonly excess: readonly string[]
  /** Seconds that the longest of its tokens lasts; undefined where it has none of its own. */
  readonly tokenSeconds: () => number | undefined
}

/** Gives the scanner its rights and waits until they are in force; the undoing lies in the scope before each thing is made. Throws ACCESS_DENIED. */
export const grant = async (options: GrantOptions, ports: GrantPorts): Promise<Access> => {
  const rules = scanRules(options.pods, options.approach)
  const made = options.mode.kind === 'per-run' ? await makeAll(accessObjects(options, rules), { ...ports, marks: options.marks }) : []
  const { connection, tokenSeconds } = options.mode.kind === 'self' ? { connection: ports.caller, tokenSeconds: none } : await asAccount(options, ports)
  await awaitGrant(connection, { namespace: options.namespace, rules }, { ...ports, standing: standingOf(options) }).catch((error: unknown) => {
    throw options.mode.kind === 'self' ? error : explainUnknownToken(error, connection.server)
  })
  if (options.mode.kind !== 'self') connection.fresh.until = ports.clock.now() + LAG_MS
  const more = await checkExcess(connection, options, ports)
  return { connection, made, rules: rules.map(showRule), excess: more, tokenSeconds }
}

const none = (): undefined => undefined

export const accountName = (options: Pick<GrantOptions, 'mode' | 'marks'>): string =>
  options.mode.kind === 'service-account' ? options.mode.account : `kscan-${options.marks.run}`

/** Whose rights were there before the run; undefined where they are made for it. */
const standingOf = ({ mode, namespace }: GrantOptions): string | undefined => {
  if (mode.kind === 'per-run') return undefined
  return mode.kind === 'self' ? 'The caller' : `The service account ${namespace}/${mode.account}`
}

const asAccount = async (options: GrantOptions, ports: GrantPorts): Promise<Pick<Access, 'connection' | 'tokenSeconds'>> => {
  const account = { namespace: options.namespace, name: accountName(options) }
  const tokens = await TokenSource.open(ports.caller, account, { ttl: options.tokenTtl, clock: ports.clock, signal: ports.signal, onSecret: ports.onSecret })
  const connection = connectWithToken(ports.caller.server, () => tokens.token)
  connection.fresh.until = ports.clock.now() + EFFECTIVE_MS
  const undo = (): Promise<void> => {
    tokens.close()
    connection.agent.destroy()
    return Promise.resolve()
  }
  ports.scope.defer({ what: 'connections of the scanner', limit: 1000, undo })
  return { connection, tokenSeconds: () => tokens.seconds }
}

/** The scanner must not hold more than its role; where it was made for the run, more is an error. */
const checkExcess = async (connection: Connection, options: GrantOptions, ports: GrantPorts): Promise<string[]> => {
  const more = await excess(connection, options, ports.signal)
  if (more.length === 0) return more
  const message = `The scanner could do more than a scan needs: ${more.join('; ')}`
  if (options.mode.kind === 'per-run') {
    throw new ScanError('ACCESS_DENIED', message, {
      hint: 'A binding to all service accounts (system:serviceaccounts, system:authenticated) or another authorizer gives this: remove it.'
    })
  }
  ports.log.warn(message)
  return more
}

interface Made {
  readonly type: ObjectType
  readonly namespace: string
  readonly name: string
  readonly body: Record<string, unknown>
}

/** The objects of per-run access, in the order in which they are made. */
export const accessObjects = (options: Pick<GrantOptions, 'namespace' | 'marks'>, rules: readonly Rule[]): Made[] => {
  const { namespace, marks } = options
  const name = `kscan-${marks.run}`
  const meta = metadata(namespace, name, marks)
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta, automountServiceAccountToken: false } satisfies V1ServiceAccount
  return [{ type: 'serviceaccount', namespace, name, body: account }, ...roleObjects({ namespace, name, rules }, { namespace, name }, marks)]
}

/** A role and its binding to an account. */
const roleObjects = (role: { namespace: string; name: string; rules: readonly Rule[] }, account: { namespace: string; name: string }, marks: Marks): Made[] => {
  const { namespace, name, rules } = role
  const meta = metadata(namespace, name, marks)
  const rbac = 'rbac.authorization.k8s.io'
  const roleRef = { apiGroup: rbac, kind: 'Role', name }
  const subjects = [{ kind: 'ServiceAccount', ...account }]
  const body = { apiVersion: `${rbac}/v1`, kind: 'Role', metadata: meta, rules: rules.map(policyRule) } satisfies V1Role
  const binding = { apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata: meta, roleRef, subjects } satisfies V1RoleBinding
  return [
    { type: 'role', namespace, name, body },
    { type: 'rolebinding', namespace, name, body: binding }
  ]
}

const policyRule = ({ apiGroups, resources, verbs, resourceNames }: Rule): V1PolicyRule => ({
  apiGroups: [...apiGroups],
  resources: [...resources],
  verbs: [...verbs],
  resourceNames: [...resourceNames]
})

/** Rights that turn out to be needed when the scanner has its identity already. */
export interface MoreRights {
  readonly namespace: string
  /** Tells its role from others of the run. */
  readonly suffix: string
  readonly rules: readonly Rule[]
}

/** Objects of further rights, in the order in which they are made. */
export const moreObjects = (options: Pick<GrantOptions, 'mode' | 'namespace' | 'marks'>, more: MoreRights): Made[] =>
  roleObjects({ ...more, name: `kscan-${options.marks.run}-${more.suffix}` }, { namespace: options.namespace, name: accountName(options) }, options.marks)

/** Gives the scanner more, where its access was made for the run, and waits until that is in force; returns what was made. Throws ACCESS_DENIED. */
export const grantMore = async (options: GrantOptions, access: { connection: Connection; more: MoreRights }, ports: GrantPorts): Promise<string[]> => {
  const made = options.mode.kind === 'per-run' ? await makeAll(moreObjects(options, access.more), { ...ports, marks: options.marks }) : []
  await awaitGrant(access.connection, access.more, { ...ports, standing: standingOf(options), ...(made.length > 0 ? {} : { patience: -1 }) })
  if (made.length > 0) access.connection.fresh.until = ports.clock.now() + LAG_MS
  return made
}

const makeAll = async (objects: readonly Made[], ports: GrantPorts & { marks: Marks }): Promise<string[]> => {
  const made: string[] = []
  for (const object of objects) {
    ports.signal.throwIfAborted()
    await makeOne(object, ports)
    made.push(`${object.type} ${object.namespace}/${object.name}`)
  }
  return made
}

/** Milliseconds. */
const UNDO_MS = 3000

const makeOne = async ({ type, namespace, name, body }: Made, { caller, marks, ...ports }: GrantPorts & { marks: Marks }): Promise<void> => {
  try {
    const planned = { type, namespace, name, run: marks.run }
    await makeObject(planned, { ...ports, connection: caller, limit: UNDO_MS }, () => create(caller, { ...planned, interrupt: ports.signal }, body))
  } catch (error) {
    if (error instanceof ApiError && refuserIn(error.message) !== undefined) {
      throw new ScanError('ACCESS_DENIED', refusalSentence(`the ${type} ${namespace}/${name} of this run`, error), {
        cause: error,
        hint: 'Have its owner admit what has the label app.kubernetes.io/managed-by=kscan, or use access: service-account or access: self, which make none.'
      })
    }
    if (error instanceof ApiError && error.code === 'ACCESS_DENIED') {
      throw new ScanError('ACCESS_DENIED', `The ${type} of this run could not be made: ${error.message}`, {
        cause: error,
        hint: 'Per-run access needs create, get and delete on serviceaccounts, roles and rolebindings, create on serviceaccounts/token, and every right that it hands on; else use access: service-account.'
      })
    }
    throw error
  }
}
