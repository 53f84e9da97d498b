import { resolve } from 'node:path'
import type { Config } from '../config/config.ts'
import { printableLine } from '../kernel/name.ts'
import { basicOf, demandEachOnce, fetchProfile, type Profile } from '../profile/fetch.ts'
import { variablesRead } from '../profile/environment.ts'
import { childEnvironment, type Ports } from './ports.ts'

/** Brings all profiles here, before anything is asked of the cluster. Throws BAD_INPUT for one that is named twice. */
export const readyProfiles = async (
  { profiles: choices, gitToken, profileEnv }: Pick<Config, 'profiles' | 'gitToken' | 'profileEnv'>,
  { folder, ports }: { readonly folder: string; readonly ports: Ports }
): Promise<Profile[]> => {
  if (gitToken !== undefined) for (const form of [gitToken.reveal(), basicOf(gitToken)]) ports.host.mask(form)
  const profiles: Profile[] = []
  for (const choice of choices) {
    const source = choice.kind === 'git' ? choice : { ...choice, path: resolve(choice.path) }
    const profile = await fetchProfile(source, { folder, env: childEnvironment(ports.host.env), gitToken, signal: ports.signal })
    profiles.push({ ...profile, source: choice.kind === 'git' ? profile.source : choice.path })
  }
  demandEachOnce(profiles)
  for (const profile of profiles) tellOfVariables(profile, { ...childEnvironment(ports.host.env), ...profileEnv }, ports)
  return profiles
}

/** A profile may well do without; what it would do with them, only its author knows. */
const tellOfVariables = ({ source, path }: Profile, given: Readonly<Record<string, string>>, { host }: Ports): void => {
  const wanted = [...variablesRead(path)].filter((name) => name !== 'HOME' && !(name in given))
  if (wanted.length > 0)
    host.log.warn(
      `the profile ${printableLine(source)} reads ${wanted.join(', ')} of the environment, and does not get ${wanted.length === 1 ? 'it' : 'them'}: name in profile-env what it may read, and set it`
    )
}
