import { readFileSync } from 'node:fs'
import { type AuditorPorts, type AuditorProgram } from '../auditor/program.ts'
import { foreseeAuditor } from '../auditor/install.ts'
import type { Config } from '../config/config.ts'
import { badInput, ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { parseYaml } from '../kernel/yaml.ts'
import { type Checked, type GivenInputs, inputProblems, runtimeProblems, unsupported } from '../profile/check.ts'
import { auditorOptions } from './auditor-options.ts'
import type { Ports } from './ports.ts'

type FittingConfig = Pick<Config, 'auditor' | 'auditorVersion' | 'fetching' | 'profileInputs' | 'profileInputFiles' | 'unjudgedOk'>

/**
 * Whether the profiles, and what they include, can run here at all: looked at before the cluster is asked anything. Throws BAD_INPUT with all that is wrong with their
 * inputs and the auditor that they want, PROFILE_FAILED for one that fits no container.
 */
export const demandFitting = async (
  config: FittingConfig,
  { checked, ports, gems, auditorPorts }: { checked: readonly Checked[]; ports: Ports; gems: string | undefined; auditorPorts?: AuditorPorts }
): Promise<void> => {
  const plain = checked.filter(({ metadata }) => !metadata.templated) // what a template makes is known to the auditor's Ruby
  const version = plain.some(({ metadata }) => metadata.inspecVersion.length > 0) ? await versionAhead(config, { ports, gems, auditorPorts }) : undefined
  const problems = [
    ...(version === undefined ? [] : runtimeProblems(plain, version)),
    ...(plain.length === checked.length ? inputProblems(checked, givenInputs(config)) : [])
  ]
  if (problems.length > 0) throw badInput(problems)
  demandSupported(config, { checked, ports })
}

/** Of the auditor that the run will have; undefined where none is found, which is said when it is to start. */
const versionAhead = async (
  config: FittingConfig,
  { ports, gems, auditorPorts }: { ports: Ports; gems: string | undefined; auditorPorts: AuditorPorts | undefined }
): Promise<string | undefined> => {
  const foreseen = await foreseeAuditor({ ...auditorOptions(config, ports), gems }, auditorPorts)
  if (foreseen.kind === 'there') return foreseen.program.version
  return foreseen.kind === 'to-install' ? foreseen.version : undefined
}

/** What the profiles require and nobody gives, and values of another type than theirs. Throws BAD_INPUT. */
export const demandInputs = (config: FittingConfig, checked: readonly Checked[]): void => {
  const problems = inputProblems(checked, givenInputs(config))
  if (problems.length > 0) throw badInput(problems)
}

/** Once more, of the auditor that is there. Throws BAD_INPUT. */
export const demandRuntime = (checked: readonly Checked[], { version }: Pick<AuditorProgram, 'version'>): void => {
  const problems = runtimeProblems(checked, version)
  if (problems.length > 0) throw badInput(problems)
}

const demandSupported = ({ unjudgedOk }: FittingConfig, { checked, ports }: { checked: readonly Checked[]; ports: Ports }): void => {
  const elsewhere = checked.flatMap(({ way, metadata }) => {
    const what = unsupported(metadata)
    return what === undefined ? [] : [printableLine(`${way} supports ${what} only`)]
  })
  if (elsewhere.length === 0) return
  if (unjudgedOk.includes('skipped-profile')) {
    ports.host.log.warn(`no container will be judged by what fits none: ${elsewhere.join('; ')}`)
    return
  }
  throw new ScanError('PROFILE_FAILED', `No container can be judged by a profile that fits none: ${elsewhere.join('; ')}`, {
    hint: 'Leave it out, or say unjudged-ok: skipped-profile where it may be skipped.'
  })
}

const givenInputs = ({ profileInputs, profileInputFiles }: FittingConfig): GivenInputs[] => [
  ...(profileInputs === '' ? [] : [inputsIn('profile-inputs', profileInputs)]),
  ...profileInputFiles.map((path) => inputsIn(path, readFileSync(path, 'utf8')))
]

/** That it is a mapping was looked at with the inputs. */
const inputsIn = (source: string, text: string): GivenInputs => {
  const value: unknown = parseYaml(text, { version: '1.1' }).toJS({ mapAsMap: true, maxAliasCount: 10 })
  return {
    source,
    values: value instanceof Map ? new Map([...value].map(([key, each]) => [String(key), each instanceof Map ? Object.fromEntries(each) : each])) : new Map()
  }
}
