import { resolve } from 'node:path'
import type { ProfileChoice } from '../config/config.ts'
import type { Secret } from '../kernel/secret.ts'
import { basicOf, demandEachOnce, fetchProfile, type Profile } from '../profile/fetch.ts'
import { childEnvironment, type Ports } from './ports.ts'

/** Brings all profiles here, before anything is asked of the cluster. Throws BAD_INPUT for one that is named twice. */
export const readyProfiles = async (
  choices: readonly ProfileChoice[],
  room: { folder: string; ports: Ports; gitToken: Secret | undefined }
): Promise<Profile[]> => {
  const { folder, ports, gitToken } = room
  if (gitToken !== undefined) for (const form of [gitToken.reveal(), basicOf(gitToken)]) ports.host.mask(form)
  const profiles: Profile[] = []
  for (const choice of choices) {
    const source = choice.kind === 'git' ? choice : { ...choice, path: resolve(choice.path) }
    const profile = await fetchProfile(source, { folder, env: childEnvironment(ports.host.env), gitToken, signal: ports.signal })
    profiles.push({ ...profile, source: choice.kind === 'git' ? profile.source : choice.path })
  }
  demandEachOnce(profiles)
  return profiles
}
