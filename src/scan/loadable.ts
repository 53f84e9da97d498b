import { syntaxFault } from '../auditor/exit-code.ts'
import type { Isolation } from '../auditor/isolation/isolation.ts'
import { lookAhead, type Sight } from '../auditor/look-ahead.ts'
import type { AuditorProgram } from '../auditor/program.ts'
import type { Config } from '../config/config.ts'
import { badInput, ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import type { Checked } from '../profile/check.ts'
import { type Depend, parseMetadata } from '../profile/metadata.ts'
import { demandInputs, demandRuntime } from './fitting.ts'
import { childEnvironment, type Ports } from './ports.ts'
import type { RunFolder } from './run-folder.ts'

interface Loading {
  readonly checked: readonly Checked[]
  readonly auditor: AuditorProgram
  readonly isolation: Isolation
  readonly own: Pick<RunFolder, 'folder'>
}

/**
 * Whether the auditor will load the profiles, asked of its own Ruby before any right exists. Throws PROFILE_FAILED for metadata that it cannot read and code that
 * it cannot parse, BAD_INPUT for what the metadata asks for as its templates make it.
 */
export const demandLoadable = async (config: Config, { checked, auditor, isolation, own }: Loading, ports: Ports): Promise<void> => {
  demandRuntime(checked, auditor)
  const foreign = checked.filter(({ folder }) => !folder.startsWith(ports.plugin))
  if (foreign.length === 0) return
  const env = { ...childEnvironment(ports.host.env), ...config.profileEnv }
  const folders = foreign.map(({ folder }) => folder)
  const seen = await lookAhead(folders, { auditor, isolation, env, plugin: ports.plugin, folder: own.folder, signal: ports.signal })
  if (seen === undefined) return
  for (const [index, sight] of seen.entries()) demandLoads(foreign[index]?.way ?? '', sight)
  const made = foreign.flatMap((profile, index) => asMade(profile, seen[index]))
  demandRuntime(made, auditor)
  demandInputs(config, [...checked.filter(({ metadata }) => !metadata.templated), ...made])
}

const demandLoads = (way: string, { metadata, faults: [fault] }: Sight): void => {
  if ('error' in metadata)
    throw new ScanError('PROFILE_FAILED', printableLine(`The profile ${way} did not load: its inspec.yml: ${metadata.error}`, 500), {
      hint: 'It is read as a template of Ruby (ERB), and then as YAML.'
    })
  if (fault !== undefined)
    throw new ScanError('PROFILE_FAILED', syntaxFault(fault, way) ?? printableLine(`The profile ${way} did not load: ${fault}`, 500), {
      hint: 'Ruby cannot parse it: see `ruby -c FILE`.'
    })
}

/** What a template leaves open was not looked at before, but for what is included: that has been fetched by then. */
const asMade = (profile: Checked, sight: Sight | undefined): Checked[] => {
  if (!profile.metadata.templated || sight === undefined || !('text' in sight.metadata)) return []
  const metadata = parseMetadata(sight.metadata.text)
  const known = new Set(profile.metadata.depends.map(textOf))
  const other = metadata.depends.map(textOf).find((text) => !known.has(text))
  if (other !== undefined)
    throw badInput([{ name: 'profile', expected: `a template in the inspec.yml of ${profile.way} that makes no dependencies`, got: printableLine(other) }])
  return [{ ...profile, metadata }]
}

const textOf = (depend: Depend): string => [...depend].map(([key, values]) => `${key}: ${values.join(' ')}`).join(', ')
