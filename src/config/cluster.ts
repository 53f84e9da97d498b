import { messageOf } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import type { ClusterChoice } from './config.ts'
import type { FileReader } from './files.ts'
import type { Reader } from './reader.ts'
import { isImage } from './target.ts'

/** Inputs of a cluster that is made for the run. */
const MADE = ['kind-version', 'kind-node-image', 'kind-config', 'load-images', 'manifests', 'keep-cluster'] as const
/** Inputs that say which existing cluster is meant. */
const NAMED = ['context', 'kubeconfig', 'identity', 'server'] as const
/** What is looked for in a cluster, and must have been put there. */
const DEPLOYED = ['pod', 'workload', 'selector'] as const

/** What a command that makes none is told of one. */
const NOTHING_MADE: ClusterChoice = {
  kind: 'kind',
  version: undefined,
  nodeImage: undefined,
  config: undefined,
  loadImages: [],
  manifests: [],
  keep: 'never'
}

export interface ClusterContext {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly readFile: FileReader
  /** False where the command makes no cluster and asks nothing of its inputs. */
  readonly makes: boolean
}

/**
 * The cluster of the run. One that is named (context, kubeconfig, the variable KUBECONFIG) is meant; without a name, one is made where the inputs say what is
 * to be in it; else the cluster of the user's own kubeconfig is meant, in which a pod that nobody makes can only be.
 */
export const readCluster = (reader: Reader, context: ClusterContext): ClusterChoice => {
  if (!context.makes) return reader.choice('cluster', ['kind', 'existing'], 'existing') === 'kind' ? NOTHING_MADE : { kind: 'existing' }
  return clusterKind(reader, context.env) === 'kind' ? readKind(reader, context) : readExisting(reader, context.env)
}

/** Which of the two it is. */
export const clusterKind = (reader: Reader, env: ClusterContext['env']): ClusterChoice['kind'] => {
  if (reader.given('cluster')) return reader.choice('cluster', ['kind', 'existing'], 'existing')
  if (NAMED.some((name) => reader.given(name)) || isSet(env['KUBECONFIG'])) return 'existing'
  return ['target-image', ...MADE].some((name) => reader.given(name)) ? 'kind' : 'existing'
}

const isSet = (value: string | undefined): boolean => value !== undefined && value !== ''

const readExisting = (reader: Reader, env: ClusterContext['env']): ClusterChoice => {
  const byVariable = !reader.given('cluster') && !NAMED.some((name) => reader.given(name)) && isSet(env['KUBECONFIG'])
  const got = byVariable ? 'the cluster that the variable KUBECONFIG names' : 'a cluster that exists'
  for (const name of MADE.filter((each) => reader.given(each))) reader.problem(name, 'nothing, or cluster: kind', [got])
  return { kind: 'existing' }
}

const readKind = (reader: Reader, { readFile }: ClusterContext): ClusterChoice => {
  for (const name of NAMED.filter((each) => reader.given(each)))
    reader.problem(name, 'nothing beside cluster: kind, which makes its own', [JSON.stringify(reader.text(name))])
  const filled = reader.given('manifests') || reader.given('target-image')
  for (const name of DEPLOYED.filter((each) => reader.given(each) && !filled))
    reader.problem(name, 'manifests that make it, in a cluster that is made for the run', [
      'no manifests',
      'Give manifests; or target-image, for an image alone; or context, for a cluster that exists.'
    ])
  return {
    kind: 'kind',
    version: readVersion(reader),
    nodeImage: reader.text('kind-node-image') || undefined,
    config: readKindConfig(reader, readFile),
    loadImages: readImages(reader),
    manifests: reader.list('manifests'),
    keep: reader.choice('keep-cluster', ['never', 'on-failure'], 'never')
  }
}

const readVersion = (reader: Reader): string | undefined => {
  const version = reader.text('kind-version').replace(/^v/, '')
  if (version !== '' && !/^\d+\.\d+\.\d+$/.test(version))
    reader.problem('kind-version', 'a version such as 0.33.0', [JSON.stringify(reader.text('kind-version'))])
  return version || undefined
}

const readImages = (reader: Reader): readonly string[] => {
  for (const image of reader.list('load-images')) if (!isImage(image)) reader.problem('load-images', 'names of images', [JSON.stringify(image)])
  return [...new Set(reader.list('load-images'))]
}

/** What it says is checked by the room that makes the cluster. */
const readKindConfig = (reader: Reader, readFile: FileReader): { path: string; text: string } | undefined => {
  const path = reader.text('kind-config')
  if (path === '') return undefined
  try {
    return { path, text: readFile(path) }
  } catch (error) {
    reader.problem('kind-config', 'a readable file', [`${path}: ${printableLine(messageOf(error))}`])
    return undefined
  }
}
