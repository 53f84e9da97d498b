import { randomUUID } from 'node:crypto'
import { apiVersionOf, resourceNamed } from './resource.ts'

export interface Metadata {
  readonly name: string
  readonly namespace?: string
  readonly uid: string
  readonly resourceVersion: string
  readonly creationTimestamp: string
  readonly labels?: Readonly<Record<string, string>>
  readonly [field: string]: unknown
}

export interface KubeObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Metadata
  readonly [field: string]: unknown
}

/** What a caller gives of an object; the store adds uid, resourceVersion and creationTimestamp. */
export interface Draft {
  readonly namespace: string
  readonly name: string
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly fields?: Readonly<Record<string, unknown>>
}

/** All objects of the stand-in, by plural name, namespace and name. */
export class Store {
  readonly #objects = new Map<string, { readonly object: KubeObject; readonly viaApi: boolean }>()
  readonly #now: () => number
  #version = 1
  /** What some controller of this cluster puts on each new object, by its plural name. */
  readonly finalizers = new Map<string, readonly string[]>()

  constructor(now: () => number) {
    this.#now = now
  }

  get version(): string {
    return String(this.#version)
  }

  get(plural: string, namespace: string, name: string): KubeObject | undefined {
    return this.#objects.get(keyOf(plural, namespace, name))?.object
  }

  /** In the order of namespace and name, as a real server lists; of all namespaces when none is given. */
  list(plural: string, namespace = ''): KubeObject[] {
    const start = namespace === '' ? `${plural}/` : `${plural}/${namespace}/`
    const keys = [...this.#objects.keys()].filter((key) => key.startsWith(start)).toSorted()
    return keys.flatMap((key) => this.#objects.get(key)?.object ?? [])
  }

  /** Adds an object, or puts a new one with a new uid in its place. */
  put(plural: string, draft: Draft, viaApi = false): KubeObject {
    const resource = resourceNamed(plural)
    this.#version += 1
    const object: KubeObject = {
      kind: resource.kind,
      apiVersion: apiVersionOf(resource),
      ...draft.fields,
      metadata: {
        uid: randomUUID(),
        creationTimestamp: new Date(this.#now()).toISOString().replace(/\.\d+Z$/, 'Z'),
        ...draft.metadata,
        name: draft.name,
        ...(draft.namespace === '' ? {} : { namespace: draft.namespace }),
        resourceVersion: String(this.#version)
      }
    }
    this.#objects.set(keyOf(plural, draft.namespace, draft.name), { object, viaApi })
    return object
  }

  remove(plural: string, namespace: string, name: string): void {
    if (this.#objects.delete(keyOf(plural, namespace, name))) this.#version += 1
  }

  /** Marks an object as one that goes when nothing holds it any more. */
  expire(plural: string, { metadata, kind: _kind, apiVersion: _version, ...fields }: KubeObject): KubeObject {
    const deletionTimestamp = new Date(this.#now()).toISOString().replace(/\.\d+Z$/, 'Z')
    const expired = { deletionTimestamp, deletionGracePeriodSeconds: 0, ...metadata }
    return this.put(plural, { namespace: metadata.namespace ?? '', name: metadata.name, metadata: expired, fields }, true)
  }

  /** What was made through the API and is still there, as `plural namespace/name`: nothing after a run that cleans up. */
  made(): string[] {
    return [...this.#objects]
      .filter(([, { viaApi }]) => viaApi)
      .map(([key]) => key.replace('/', ' '))
      .toSorted()
  }
}

const keyOf = (plural: string, namespace: string, name: string): string => `${plural}/${namespace}/${name}`
