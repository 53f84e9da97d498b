import { isLabelName, isObjectName } from '../kernel/name.ts'
import { didYouMean, meantWord } from '../kernel/nearest.ts'
import type { AccessChoice, Config, TargetChoice } from './config.ts'
import type { Reader } from './reader.ts'

const KINDS = ['deployment', 'statefulset', 'daemonset', 'job'] as const
type WorkloadKind = (typeof KINDS)[number]
const SELECTS = ['pods', 'deployments', 'statefulsets', 'daemonsets', 'jobs'] as const

const ONE_OF = 'exactly one of pod, workload, selector and target-image'

/** As kubectl calls them, in full, in the plural and in short. */
const KIND_OF: ReadonlyMap<string, WorkloadKind> = new Map([
  ...KINDS.flatMap((kind) => [[kind, kind] as const, [`${kind}s`, kind] as const]),
  ['deploy', 'deployment'],
  ['deployments.apps', 'deployment'],
  ['deployment.apps', 'deployment'],
  ['sts', 'statefulset'],
  ['statefulset.apps', 'statefulset'],
  ['ds', 'daemonset'],
  ['daemonset.apps', 'daemonset'],
  ['job.batch', 'job']
])
const PODS = new Set(['pod', 'pods', 'po'])
/** What makes pods through others, by what kubectl calls it: what is to be scanned in its place. */
const THROUGH: ReadonlyMap<string, string> = new Map([
  ...['replicaset', 'replicasets', 'rs'].map((kind) => [kind, 'a ReplicaSet is made by its deployment: name that, or the pod'] as const),
  ...['cronjob', 'cronjobs', 'cj'].map((kind) => [kind, 'a CronJob runs jobs: name one of them, as kubectl get jobs lists them'] as const)
])

interface TargetContext {
  /** Some commands can do without a target. */
  readonly needed: boolean
  /** The cluster is made for the run: an image may run there as it is. */
  readonly ourCluster: boolean
}

/** Exactly one of pod, workload, selector and target-image. */
export const readTarget = (reader: Reader, { needed, ourCluster }: TargetContext): TargetChoice | undefined => {
  const names = ['pod', 'workload', 'selector', 'target-image'].filter((name) => reader.text(name) !== '')
  if (names.length > 1) reader.problem(names[0] ?? '', ONE_OF, [names.join(' and '), `Take out ${names.length === 2 ? 'one of them' : 'all but one'}.`])
  if (names.length === 0 && needed) reader.problem('pod', ONE_OF, ['none', 'For example: pod: web-0, or workload: deployment/web.'])
  if (reader.given('select') && reader.text('selector') === '') reader.problem('select', 'a selector to go with it', [JSON.stringify(reader.text('select'))])
  if (reader.text('pod') !== '') return readPod(reader)
  if (reader.text('workload') !== '') return readWorkload(reader)
  if (reader.text('target-image') !== '') return readTargetImage(reader, ourCluster)
  return reader.text('selector') === '' ? undefined : { kind: 'selector', selector: reader.text('selector'), select: reader.choice('select', SELECTS, 'pods') }
}

const readPod = (reader: Reader): TargetChoice => {
  const pod = reader.text('pod')
  if (!isObjectName(pod)) reader.problem('pod', 'the name of a pod: a-z, 0-9, - and .', [JSON.stringify(pod)])
  return { kind: 'pod', pod }
}

export const isImage = (text: string): boolean => /^[^\s@:]\S*$/.test(text)

const readTargetImage = (reader: Reader, ourCluster: boolean): TargetChoice => {
  const image = reader.text('target-image')
  if (!isImage(image)) reader.problem('target-image', 'the name of an image', [JSON.stringify(image)])
  const approach = reader.text('approach')
  if (ourCluster && approach === 'sidecar-container')
    reader.problem('target-image', 'manifests with a helper, for approach: sidecar-container', [JSON.stringify(image)])
  if (!ourCluster && approach !== 'auto' && approach !== 'twin-pod')
    reader.problem('target-image', 'approach: twin-pod, for an image that need not run', [JSON.stringify(image)])
  for (const name of ['container', 'exclude-containers'])
    if (reader.list(name).length > 0)
      reader.problem(name, 'nothing beside target-image, which is one container', [JSON.stringify(reader.list(name).join(', '))])
  return { kind: 'image', image }
}

const readWorkload = (reader: Reader): TargetChoice | undefined => {
  const given = reader.text('workload')
  const [first = '', name = '', ...more] = given.split('/')
  const kind = first.toLowerCase()
  const workload = KIND_OF.get(kind)
  const named = isObjectName(name) && more.length === 0
  if (workload !== undefined && named) return { kind: 'workload', workload, name }
  if (PODS.has(kind) && named) return { kind: 'pod', pod: name }
  reader.problem('workload', `kind/name, with a kind of: ${KINDS.join(', ')}`, [JSON.stringify(given), workloadHint({ kind, name, given })])
  return undefined
}

/** A name alone is one of a deployment most of all. */
const workloadHint = ({ kind, name, given }: { kind: string; name: string; given: string }): string => {
  const through = THROUGH.get(kind)
  if (through !== undefined) return `${through.charAt(0).toUpperCase()}${through.slice(1)}.`
  if (!given.includes('/') && isObjectName(given)) return `Did you mean deployment/${given}?`
  const near = meantWord(kind, KINDS)
  return near !== undefined && isObjectName(name) ? `Did you mean ${near}/${name}?` : 'For example: deployment/web.'
}

/** Names of the cluster's objects, and words that become arguments of the auditor. */
export const readNames = {
  one: (reader: Reader, input: string): string | undefined => {
    const name = reader.text(input)
    if (name !== '' && !isLabelName(name)) reader.problem(input, 'a name of a-z, 0-9 and -', [JSON.stringify(name)])
    return name === '' ? undefined : name
  },
  list: (reader: Reader, input: string): readonly string[] => {
    for (const name of reader.list(input)) if (!isLabelName(name)) reader.problem(input, 'names of a-z, 0-9 and -', [JSON.stringify(name)])
    return [...new Set(reader.list(input))]
  },
  words: (reader: Reader, input: string): readonly string[] => {
    for (const word of reader.list(input)) if (word.startsWith('-')) reader.problem(input, 'ids or tags that do not begin with -', [JSON.stringify(word)])
    return reader.list(input)
  }
}

/** Ids and /regular expressions/. A comma in an expression parts it, and its halves would match nothing without a word. */
export const readControls = (reader: Reader): readonly string[] => {
  const half = reader.list('controls').find((word) => word.startsWith('/') !== (word.length > 1 && word.endsWith('/')))
  if (half !== undefined)
    reader.problem('controls', 'ids, or expressions between slashes', [JSON.stringify(half), 'An expression with a comma needs a JSON array: ["/x{1,2}/"].'])
  const broken = reader.list('controls').find((word) => word.startsWith('/') && !isExpression(word.slice(1, -1)))
  if (broken !== undefined) reader.problem('controls', 'a regular expression between slashes', [JSON.stringify(broken)])
  return readNames.words(reader, 'controls')
}

const isExpression = (source: string): boolean => {
  try {
    return new RegExp(source).source !== ''
  } catch {
    return false
  }
}

/** The auditor passes over the tags where ids are given too. */
export const readTags = (reader: Reader): readonly string[] => {
  const tags = readNames.words(reader, 'control-tags')
  if (tags.length > 0 && reader.list('controls').length > 0) reader.problem('control-tags', 'either controls or control-tags', ['both'])
  return tags
}

const ACCOUNTS = 'kubectl get serviceaccounts -n NAMESPACE lists them.'

export const readAccess = (reader: Reader): AccessChoice => {
  const kind = reader.choice('access', ['per-run', 'service-account', 'self'], 'per-run')
  const account = reader.text('service-account')
  if (kind !== 'service-account') {
    if (account !== '') reader.problem('service-account', 'nothing, or access: service-account', [JSON.stringify(account)])
    return { kind }
  }
  if (account === '') reader.problem('service-account', 'the name of an account, for access: service-account', ['none', ACCOUNTS])
  else if (!isObjectName(account))
    reader.problem('service-account', 'the name of a service account in the namespace of the targets', [JSON.stringify(account), ACCOUNTS])
  return { kind, account }
}

export const readAuditors = (reader: Reader): Config['auditor'] => {
  return reader.list('auditor').flatMap((text): Config['auditor'] => {
    if (text === 'path' || text === 'cinc' || text === 'gems') return [text]
    if (text.includes('/')) return [{ path: text }]
    reader.problems.push({
      name: 'auditor',
      expected: 'path, cinc, gems, or the path of a program',
      got: JSON.stringify(text),
      ...didYouMean(text, ['path', 'cinc', 'gems'])
    })
    return []
  })
}
