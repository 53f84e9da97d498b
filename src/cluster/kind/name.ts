/** The label by which kind knows the containers of a cluster. */
export const CLUSTER_LABEL = 'io.x-k8s.kind.cluster'

/** Seconds that a cluster may live before anyone may sweep it: longer than any job. */
const LIFETIME_S = 24 * 3600

/** `kscan-RUN-END`, END in base 36: the name alone says whose a cluster is and when its time is over. `now`: milliseconds since 1970. */
export const clusterName = (run: string, now: number): string => `kscan-${run}-${(Math.ceil(now / 1000) + LIFETIME_S).toString(36)}`

export interface NamedCluster {
  readonly name: string
  readonly run: string
  /** Seconds since 1970. */
  readonly expires: number
}

/** Reads a cluster's name back; undefined for one that is not of kscan. */
export const readClusterName = (name: string): NamedCluster | undefined => {
  const [, run, end] = /^kscan-([a-z0-9]{10})-([a-z0-9]{6,8})$/.exec(name) ?? []
  return run === undefined || end === undefined ? undefined : { name, run, expires: Number.parseInt(end, 36) }
}

/** As kind names the containers of a cluster. */
const CONTAINER = /^(.+)-(?:control-plane|worker|external-load-balancer)\d*$/

/** Whether a container has the name of one of a cluster's: anybody can put the label on another. */
export const isContainerOf = (cluster: string, container: string): boolean => CONTAINER.exec(container)?.[1] === cluster

/** The clusters of kscan to which these containers belong, each once. */
export const clustersOf = (containers: readonly string[]): NamedCluster[] => {
  const names = containers.flatMap((container) => CONTAINER.exec(container)?.[1] ?? [])
  return [...new Set(names)].flatMap((name) => readClusterName(name) ?? [])
}
