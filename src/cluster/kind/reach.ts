import { isIP } from 'node:net'

/** Where we run, as seen from the container engine. */
export interface Place {
  /** The engine's address, as in DOCKER_HOST; empty where it has none, as podman without a service. */
  readonly endpoint: string
  /** We run in a container ourselves. */
  readonly inContainer: boolean
  /** The id by which that engine knows our own container; undefined where it knows none. */
  readonly ownContainer: string | undefined
}

/** How the API server of a kind cluster is reached. */
export type Reach =
  /** At 127.0.0.1, as kind itself says. */
  | { readonly kind: 'loopback'; readonly why: string }
  /** By the name of its node, once our own container has joined the network of the cluster. */
  | { readonly kind: 'network'; readonly container: string; readonly why: string }
  /** At another machine: there it has to listen on an address that can be reached. */
  | { readonly kind: 'published'; readonly host: string; readonly listen: string; readonly serverName: string; readonly why: string }

/** A name that is in the certificate of every API server, whatever its address. */
const SERVER_NAME = 'kubernetes'

/** Chooses by the engine's address first: a socket of this machine, or another machine. */
export const reachOf = ({ endpoint, inContainer, ownContainer }: Place): Reach => {
  const host = hostOf(endpoint)
  if (host !== undefined && !isLoopback(host))
    return { kind: 'published', host, listen: isIP(host) === 0 ? '0.0.0.0' : host, serverName: SERVER_NAME, why: `the engine is on ${host}` }
  if (host !== undefined) return { kind: 'loopback', why: 'the engine answers at this address' }
  if (!inContainer) return { kind: 'loopback', why: 'the engine is on this machine' }
  if (ownContainer !== undefined) return { kind: 'network', container: ownContainer, why: 'we run in a container of the same engine' }
  return { kind: 'loopback', why: 'the engine does not know the container that we run in: it must share its network' }
}

/** The machine of `tcp://` and `ssh://`; undefined for a socket of this machine. */
const hostOf = (endpoint: string): string | undefined => {
  if (!/^(?:tcp|ssh|https?):\/\//.test(endpoint) || !URL.canParse(endpoint)) return undefined
  return new URL(endpoint).hostname.replace(/^\[(.*)\]$/, '$1') || undefined
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.')
