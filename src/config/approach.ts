import type { ApproachChoice } from './config.ts'
import type { Reader } from './reader.ts'
import { isImage, readNames } from './target.ts'

const ALLOWED = ['ephemeral-container', 'unpoliced-ephemeral-container', 'scan-pod'] as const

/** What the approach needs must be given with it, and is not asked for later. */
export const readApproach = (reader: Reader): ApproachChoice => {
  const asked = reader.choice('approach', ['auto', 'kubernetes-api', 'debug-container', 'sidecar-container', 'twin-pod'], 'auto')
  const kind = asked === 'auto' && reader.text('target-image') !== '' ? 'twin-pod' : asked
  const allow = readAllow(reader)
  const pods = readPods(reader, kind === 'twin-pod' || (kind === 'auto' && allow.includes('scan-pod')))
  switch (kind) {
    case 'auto':
      return { kind, allow, image: allow.length === 0 ? '' : readHelper(reader, `${kind} with allow`), ...pods }
    case 'kubernetes-api':
    case 'sidecar-container':
      return { kind }
    case 'debug-container':
      demandAllowed(reader, ['ephemeral-container', 'unpoliced-ephemeral-container'], {
        approach: kind,
        why: 'Its entry stays in the pod until the pod is gone: say that this is wanted.'
      })
      return { kind, image: readHelper(reader, kind), unpoliced: allow.includes('unpoliced-ephemeral-container') }
    case 'twin-pod':
      demandAllowed(reader, ['scan-pod'], { approach: kind, why: 'A pod of the same image is made, and removed after the scan: say that this is wanted.' })
      return { kind, image: readHelper(reader, kind), ...pods }
  }
}

/** Where pods of ours are made, and with which Secret they pull. */
const readPods = (reader: Reader, ours: boolean): { scanNamespace: string | undefined; pullSecret: string | undefined } => {
  const foreign = ours ? [] : ['scan-namespace', 'pull-secret'].filter((name) => reader.text(name) !== '')
  for (const name of foreign) reader.problem(name, 'nothing, or allow: scan-pod', [JSON.stringify(reader.text(name))])
  return { scanNamespace: readNames.one(reader, 'scan-namespace'), pullSecret: readNames.one(reader, 'pull-secret') }
}

const readAllow = (reader: Reader): readonly (typeof ALLOWED)[number][] => {
  const allow = reader.list('allow')
  const unknown = allow.filter((word) => word !== 'none' && !ALLOWED.some((known) => known === word))
  if (unknown.length > 0) reader.problem('allow', `of: none, ${ALLOWED.join(', ')}`, [JSON.stringify(unknown.join(', '))])
  if (allow.includes('none') && allow.length > 1) reader.problem('allow', 'none alone, or what is allowed', [JSON.stringify(allow.join(', '))])
  return ALLOWED.filter((known) => allow.includes(known))
}

const demandAllowed = (reader: Reader, words: readonly [string, ...string[]], { approach, why }: { approach: string; why: string }): void => {
  const allow = reader.list('allow')
  if (!allow.some((word) => words.includes(word))) reader.problem('allow', `${words[0]}, for approach: ${approach}`, [JSON.stringify(allow.join(', ')), why])
}

const readHelper = (reader: Reader, approach: string): string => {
  const image = reader.text('helper-image')
  if (!isImage(image)) reader.problem('helper-image', `the name of an image, for approach: ${approach}`, [JSON.stringify(image)])
  return image
}
