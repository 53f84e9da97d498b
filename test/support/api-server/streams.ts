import type { ChildProcess } from 'node:child_process'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import { type Answer, badRequest, forbidden, notFound } from './answer.ts'
import { decide, rightOf } from './authorize.ts'
import { failStream, joinProgram, PROTOCOLS } from './exec.ts'
import type { Place } from './pod.ts'
import type { Admitted } from './rest.ts'
import type { KubeObject } from './store.ts'

export interface StreamRecord {
  readonly user: string
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly argv: readonly string[]
  /** How many requests the server had seen when it was opened, its own among them. */
  readonly opened: number
  /** The same when it was closed; undefined while it is open. */
  readonly closed: number | undefined
}

export interface Upgrade {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly head: Buffer
}

interface StreamsOptions {
  readonly places: ReadonlyMap<string, Place>
  readonly version: '1.34' | '1.37'
  readonly requestsSoFar: () => number
}

const PAYLOAD_BYTES = 32 * 1024 * 1024

/** The exec streams of the stand-in. They outlive the rights and the token with which they were opened. */
export class Streams {
  readonly records: StreamRecord[] = []
  readonly #options: StreamsOptions
  readonly #programs = new Set<ChildProcess>()
  readonly #server = new WebSocketServer({
    noServer: true,
    maxPayload: PAYLOAD_BYTES,
    handleProtocols: (offered) => PROTOCOLS.find((one) => offered.has(one)) ?? false
  })

  constructor(options: StreamsOptions) {
    this.#options = options
  }

  /** Opens a stream, or gives the answer with which it is refused. */
  open(admitted: Admitted, upgrade: Upgrade): Answer | undefined {
    const { asked, user, query, store } = admitted
    const container = this.#containerOf(admitted)
    if (typeof container !== 'string') return container
    const offered = new Set((upgrade.request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim()))
    if (!PROTOCOLS.some((one) => offered.has(one))) return { status: 403, body: '' }
    const trouble = troubleOfNode(store.get('pods', asked.namespace, asked.name), container, query)
    // before 1.36 the API server itself speaks v5, and has accepted the stream before it asks the node
    const accepted = this.#options.version === '1.34' && offered.has(PROTOCOLS[0])
    if (trouble !== undefined && !accepted) return trouble
    const argv = query.getAll('command')
    const place = this.#options.places.get(`${asked.namespace}/${asked.name}`) ?? {}
    const job = { pod: asked.name, argv, stdin: wants(query, 'stdin'), stdout: wants(query, 'stdout'), stderr: wants(query, 'stderr'), place }
    const opened = this.#options.requestsSoFar()
    const record = { user: user.name, namespace: asked.namespace, pod: asked.name, container, argv, opened, closed: undefined }
    this.#server.handleUpgrade(upgrade.request, upgrade.socket, upgrade.head, (socket) =>
      this.#join(socket, record, trouble === undefined ? joinProgram(socket, job) : failStream(socket, trouble.body))
    )
    return undefined
  }

  /** Cuts every open stream without a word. */
  cut(): void {
    for (const socket of this.#server.clients) socket.terminate()
  }

  /** Cuts every stream and ends every program that still runs, with its process group. */
  end(): void {
    this.cut()
    for (const { pid } of this.#programs) if (pid !== undefined) endGroup(pid)
  }

  /** The container that a stream goes to, in the order of checks of a real server. */
  #containerOf({ asked, user, query, store }: Admitted): string | Answer {
    const pod = store.get('pods', asked.namespace, asked.name)
    if (pod === undefined) return notFound(asked.resource, asked.name)
    const container = chooseContainer(pod, query.get('container') ?? '')
    if (typeof container !== 'string') return container
    // from 1.35 on, whoever opens a WebSocket must also hold the verb of the older POST
    if (this.#options.version !== '1.34' && !decide(store, user, { ...rightOf(asked), verb: 'create' }).allowed)
      return forbidden(asked.resource, asked.name, '')
    return container
  }

  #join(socket: WebSocket, opened: StreamRecord, program: ChildProcess | undefined): void {
    const record: { -readonly [K in keyof StreamRecord]: StreamRecord[K] } = opened
    this.records.push(record)
    socket.on('error', () => {})
    socket.once('close', () => (record.closed = this.#options.requestsSoFar()))
    if (program === undefined) return
    this.#programs.add(program)
    program.once('close', () => this.#programs.delete(program))
  }
}

const wants = (query: URLSearchParams, stream: string): boolean => ['true', '1'].includes(query.get(stream) ?? '')

/** What the kubelet says to a stream that it cannot give. */
const troubleOfNode = (pod: KubeObject | undefined, container: string, query: URLSearchParams): { status: number; body: string } | undefined => {
  if (!['stdin', 'stdout', 'stderr'].some((stream) => wants(query, stream)))
    return { status: 400, body: 'you must specify at least 1 of stdin, stdout, stderr' }
  return isRunning(pod, container) ? undefined : { status: 500, body: `container not found ("${container}")` }
}

const endGroup = (pid: number): void => {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // the group has already ended
  }
}

const Named = z.looseObject({ name: z.string() })
const Status = z.looseObject({ name: z.string(), state: z.looseObject({ running: z.looseObject({}).optional() }) })
const Pod = z.looseObject({
  spec: z.looseObject({ containers: z.array(Named), initContainers: z.array(Named).default([]) }),
  status: z.looseObject({ containerStatuses: z.array(Status).default([]), initContainerStatuses: z.array(Status).default([]) })
})

/** The container that is meant, or the 400 of a server that cannot tell. */
const chooseContainer = (pod: KubeObject, wanted: string): string | Answer => {
  const { containers, initContainers } = Pod.parse(pod).spec
  const names = containers.map(({ name }) => name)
  if (wanted === '' && names.length === 1) return names[0] ?? ''
  if (wanted === '') return badRequest(`a container name must be specified for pod ${pod.metadata.name}, choose one of: [${names.join(' ')}]`)
  const known = [...names, ...initContainers.map(({ name }) => name)].includes(wanted)
  return known ? wanted : badRequest(`container ${wanted} is not valid for pod ${pod.metadata.name}`)
}

const isRunning = (pod: KubeObject | undefined, container: string): boolean => {
  const { containerStatuses, initContainerStatuses } = Pod.parse(pod).status
  return [...containerStatuses, ...initContainerStatuses].some(({ name, state }) => name === container && state.running !== undefined)
}
