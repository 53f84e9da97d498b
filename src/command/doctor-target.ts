import type { Connection } from '../cluster/connection.ts'
import { type Config, OWN_PROFILE, type ProfileChoice } from '../config/config.ts'
import { ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { possibleOf } from '../scan/approach.ts'
import { targetsOf } from '../scan/targets.ts'
import { TOOLS } from '../session/tools.ts'
import { type Selection, showSkipped } from '../target/select.ts'

/** What was found, or why not; undefined where no target was asked for. */
export type FoundTargets = Selection | ScanError | undefined

/** Looks for the targets as a scan does. */
export const findTargets = async (
  connection: Connection,
  { config, namespace, signal }: { config: Config; namespace: string; signal: AbortSignal }
): Promise<FoundTargets> => {
  if (config.target === undefined) return undefined
  try {
    return await targetsOf(connection, config, { namespace, wanted: config.target, signal })
  } catch (error) {
    if (error instanceof ScanError && ['ACCESS_DENIED', 'TARGET_UNUSABLE'].includes(error.code)) return error
    throw error
  }
}

/** The pods that they are in. */
export const podsOf = (found: FoundTargets): string[] =>
  found === undefined || found instanceof ScanError ? [] : [...new Set(found.targets.flatMap(({ pod }) => (pod === '' ? [] : [pod])))]

type Say = (line: string) => void

/** Says what was found; false where there is nothing to scan. `rights`: the caller has all that it needs to look. */
export const showTargets = (found: FoundTargets, { config, say, rights }: { config: Config; say: Say; rights: boolean }): boolean => {
  if (found === undefined) return true
  if (found instanceof ScanError) {
    if (found.code === 'ACCESS_DENIED' && !rights) say('- which containers would be scanned cannot be told without these rights')
    else say(`✗ ${found.message}${found.hint === undefined ? '' : `. ${found.hint}`}`)
    return false
  }
  for (const { name, pod } of found.targets) say(pod === '' ? `- ${name} would be run in a pod of ours` : `✓ ${name} runs (pod ${pod})`)
  for (const each of found.skipped) say(`- not scanned: ${showSkipped(each)}`)
  if (!possibleOf(config.approach).some(({ kind }) => kind === 'debug-container' || kind === 'twin-pod'))
    for (const [tool, resources] of Object.entries(TOOLS))
      say(`- should an image lack ${tool}, controls that rest on it (${resources}) may fail or be unjudged`)
  return true
}

/** The answer depends on who asks, and the scanner's account is not there yet. */
const UNKNOWN_POLICY =
  '- an ephemeral helper needs an admission policy that refuses worse ones, or allow: unpoliced-ephemeral-container: a scan tries it by dry runs, as its own account (docs/approaches.md)'

/** Says what the scan would run and lend. Profiles on this machine were looked at with the other inputs: what is wrong with them is bad input. */
export const showInputs = ({ profiles, approach }: Config, say: Say): void => {
  for (const profile of profiles) say(profileLine(profile))
  const image = 'image' in approach ? approach.image : ''
  if (image !== '') say(`- the helper image ${printableLine(image)} would be pulled by the node: whether it can be, is not known before`)
  if (possibleOf(approach).some((each) => each.kind === 'debug-container' && !each.unpoliced)) say(UNKNOWN_POLICY)
}

const profileLine = (profile: ProfileChoice): string => {
  switch (profile.kind) {
    case 'own':
      return `✓ the profile is ${OWN_PROFILE}, which is part of kscan`
    case 'catalog':
      return `- the profile catalog/${profile.name} would be fetched with git`
    case 'git':
      return `- the profile ${printableLine(profile.url)} at ${profile.commit} would be fetched with git`
    case 'download':
      return `- the profile ${printableLine(profile.url)} would be fetched`
    case 'path':
    case 'archive':
      return `✓ the profile ${printableLine(profile.path)} is there`
  }
}
