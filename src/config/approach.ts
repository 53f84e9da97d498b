import type { ApproachChoice } from './config.ts'
import { type PodTemplate, readPodTemplate } from './pod-template.ts'
import type { Reader } from './reader.ts'
import { isImage, readNames } from './target.ts'

const ALLOWED = ['ephemeral-container', 'unpoliced-ephemeral-container', 'scan-pod'] as const

type Asked = ApproachChoice['kind']

/** What the approach needs must be given with it, and is not asked for later. A cluster that is made for the run may be changed without being asked. */
export const readApproach = (reader: Reader, { ourCluster }: { readonly ourCluster: boolean }): ApproachChoice => {
  const asked = reader.choice('approach', ['auto', 'kubernetes-api', 'debug-container', 'sidecar-container', 'twin-pod'], 'auto')
  const kind = approachKind(reader, { asked, ourCluster })
  const allow = ourCluster ? allowInOurs(reader, asked) : readAllow(reader)
  const pods = readPods(reader, kind === 'twin-pod' || (kind === 'auto' && allow.includes('scan-pod')))
  switch (kind) {
    case 'auto':
      return { kind, allow, image: allow.length === 0 ? '' : readHelper(reader, `${kind} with allow`), ...pods }
    case 'kubernetes-api':
    case 'sidecar-container':
      return { kind }
    case 'debug-container':
      demandAllowed(reader, allow, {
        words: ['ephemeral-container', 'unpoliced-ephemeral-container'],
        approach: kind,
        why: 'Its entry stays in the pod until the pod is gone: say that this is wanted.'
      })
      return { kind, image: readHelper(reader, kind), unpoliced: allow.includes('unpoliced-ephemeral-container') }
    case 'twin-pod':
      demandAllowed(reader, allow, {
        words: ['scan-pod'],
        approach: kind,
        why: 'A pod of the same image is made, and removed after the scan: say that this is wanted.'
      })
      return { kind, image: readHelper(reader, kind), ...pods }
  }
}

/** An image that need not run gets a pod of ours; in our own cluster, without a helper to lend a shell, one of its own that runs it. */
const approachKind = (reader: Reader, { asked, ourCluster }: { asked: Asked; ourCluster: boolean }): Asked => {
  if (asked !== 'auto' || reader.text('target-image') === '') return asked
  return ourCluster && !reader.given('helper-image') ? 'auto' : 'twin-pod'
}

/** Without a helper there is nothing to add. What is said of `allow` holds; no policy needs to limit a helper. */
const allowInOurs = (reader: Reader, asked: Asked): readonly (typeof ALLOWED)[number][] => {
  if (reader.given('allow')) {
    const allow = readAllow(reader)
    return ALLOWED.filter((word) => allow.includes(word) || (word === 'unpoliced-ephemeral-container' && allow.includes('ephemeral-container')))
  }
  return reader.given('helper-image') || asked !== 'auto' ? ALLOWED : []
}

/** Where pods of ours are made, with which Secret they pull, and what is added to them. */
const readPods = (reader: Reader, ours: boolean): { scanNamespace: string | undefined; pullSecret: string | undefined; template: PodTemplate | undefined } => {
  const foreign = ours ? [] : ['scan-namespace', 'pull-secret', 'scan-pod-template'].filter((name) => reader.text(name) !== '')
  for (const name of foreign) reader.problem(name, 'nothing, or allow: scan-pod', [JSON.stringify(reader.text(name))])
  return { scanNamespace: readNames.one(reader, 'scan-namespace'), pullSecret: readNames.one(reader, 'pull-secret'), template: readPodTemplate(reader) }
}

const readAllow = (reader: Reader): readonly (typeof ALLOWED)[number][] => {
  const allow = reader.list('allow')
  reader.words('allow', ['none', ...ALLOWED])
  if (allow.includes('none') && allow.length > 1) reader.problem('allow', 'none alone, or what is allowed', [JSON.stringify(allow.join(', '))])
  return ALLOWED.filter((known) => allow.includes(known))
}

interface Demand {
  /** One of them must be allowed; the first is the one to name. */
  readonly words: readonly [string, ...string[]]
  readonly approach: string
  readonly why: string
}

const demandAllowed = (reader: Reader, allow: readonly string[], { words, approach, why }: Demand): void => {
  if (!allow.some((word) => words.includes(word)))
    reader.problem('allow', `${words[0]}, for approach: ${approach}`, [JSON.stringify(reader.list('allow').join(', ')), why])
}

const readHelper = (reader: Reader, approach: string): string => {
  const image = reader.text('helper-image')
  if (!isImage(image)) reader.problem('helper-image', `the name of an image, for approach: ${approach}`, [JSON.stringify(image)])
  return image
}
