import { isLabelName, isObjectName } from '../kernel/name.ts'
import type { AccessChoice, Config, ProfileChoice, TargetChoice } from './config.ts'
import type { Reader } from './reader.ts'

const KINDS = ['deployment', 'statefulset', 'daemonset', 'job'] as const
const SELECTS = ['pods', 'deployments', 'statefulsets', 'daemonsets', 'jobs'] as const

const ONE_OF = 'exactly one of pod, workload, selector and target-image'

/** Exactly one of pod, workload, selector and target-image; none is allowed where the command can do without. */
export const readTarget = (reader: Reader, needed: boolean): TargetChoice | undefined => {
  const names = ['pod', 'workload', 'selector', 'target-image'].filter((name) => reader.text(name) !== '')
  if (names.length > 1) reader.problem('pod', ONE_OF, [names.join(', ')])
  if (names.length === 0 && needed) reader.problem('pod', ONE_OF, ['none', 'For example: pod: web-0, or workload: deployment/web.'])
  if (reader.given('select') && reader.text('selector') === '') reader.problem('select', 'a selector to go with it', [JSON.stringify(reader.text('select'))])
  if (reader.text('pod') !== '') return readPod(reader)
  if (reader.text('workload') !== '') return readWorkload(reader)
  if (reader.text('target-image') !== '') return readTargetImage(reader)
  return reader.text('selector') === '' ? undefined : { kind: 'selector', selector: reader.text('selector'), select: reader.choice('select', SELECTS, 'pods') }
}

const readPod = (reader: Reader): TargetChoice => {
  const pod = reader.text('pod')
  if (!isObjectName(pod)) reader.problem('pod', 'the name of a pod: a-z, 0-9, - and .', [JSON.stringify(pod)])
  return { kind: 'pod', pod }
}

export const isImage = (text: string): boolean => /^[^\s@:]\S*$/.test(text)

const readTargetImage = (reader: Reader): TargetChoice => {
  const image = reader.text('target-image')
  if (!isImage(image)) reader.problem('target-image', 'the name of an image', [JSON.stringify(image)])
  if (!['auto', 'twin-pod'].includes(reader.text('approach')))
    reader.problem('target-image', 'approach: twin-pod, for an image that need not run', [JSON.stringify(image)])
  for (const name of ['container', 'exclude-containers'])
    if (reader.list(name).length > 0)
      reader.problem(name, 'nothing beside target-image, which is one container', [JSON.stringify(reader.list(name).join(', '))])
  return { kind: 'image', image }
}

const readWorkload = (reader: Reader): TargetChoice | undefined => {
  const [kind, name = '', ...more] = reader.text('workload').split('/')
  const workload = KINDS.find((known) => known === kind?.toLowerCase())
  if (workload !== undefined && isObjectName(name) && more.length === 0) return { kind: 'workload', workload, name }
  reader.problem('workload', `kind/name, with a kind of: ${KINDS.join(', ')}`, [JSON.stringify(reader.text('workload'))])
  return undefined
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

/** Where the profiles come from; whether they are there is looked at later. */
export const readProfiles = (reader: Reader, needed: boolean): ProfileChoice[] => {
  const given = reader.list('profile')
  if (given.length === 0 && needed) reader.problem('profile', 'at least one profile', ['none', 'For example: profile: ./profiles/baseline.'])
  return given.flatMap((text) => {
    const choice = readProfile(text)
    if (typeof choice !== 'string') return [choice]
    reader.problem('profile', choice, [JSON.stringify(withoutCredentials(text))])
    return []
  })
}

/** People put tokens into addresses: rather too much is hidden than too little. */
const withoutCredentials = (text: string): string => text.replace(/:\/\/[^/@]*(:.*)?@/, '://***@').replace(/\?.*/, '?***')

/** A choice, or what was expected. */
const readProfile = (text: string): ProfileChoice | string => {
  if (text.startsWith('-')) return 'a path that does not begin with -'
  if (text.startsWith('git+')) {
    const match = /^git\+(https:\/\/[^@\s?#]+)@([0-9a-f]{40}|[0-9a-f]{64})$/.exec(text)
    return match === null
      ? 'git+https://HOST/PATH@COMMIT with all 40 characters of the commit id and no user or query in the address'
      : { kind: 'git', url: match[1] ?? '', commit: match[2] ?? '' }
  }
  if (/^[a-z]+:\/\//.test(text)) return 'a path, FILE#sha256=DIGEST, or git+https://HOST/PATH@COMMIT'
  if (!text.includes('#')) return { kind: 'path', path: text }
  const match = /^(.+)#sha256=([0-9a-f]{64})$/.exec(text)
  return match === null ? 'FILE#sha256=DIGEST with 64 hexadecimal digits' : { kind: 'archive', path: match[1] ?? '', sha256: match[2] ?? '' }
}

export const readAccess = (reader: Reader): AccessChoice => {
  const kind = reader.choice('access', ['per-run', 'service-account', 'self'], 'per-run')
  const account = reader.text('service-account')
  if (kind !== 'service-account') {
    if (account !== '') reader.problem('service-account', 'nothing, or access: service-account', [JSON.stringify(account)])
    return { kind }
  }
  if (!isObjectName(account)) reader.problem('service-account', 'the name of a service account in the namespace of the targets', [JSON.stringify(account)])
  return { kind, account }
}

export const readAuditors = (reader: Reader): Config['auditor'] => {
  return reader.list('auditor').flatMap((text): Config['auditor'] => {
    if (text === 'path' || text === 'gems') return [text]
    if (text.includes('/')) return [{ path: text }]
    reader.problem('auditor', 'path, gems, or the path of a program', [JSON.stringify(text)])
    return []
  })
}
