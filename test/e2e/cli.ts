import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Place, type Ran, type Running, startCommandLine } from '../support/command-line.ts'
import { KUBECONFIG } from './cluster.ts'

export { leftHere, type Ran, type Running, TOOLS } from '../support/command-line.ts'

/** The built command line against the test cluster. */
export const kscan = (args: readonly string[], place: Place = {}): Promise<Ran> => startKscan(args, place).ended

export const startKscan = (args: readonly string[], place: Place = {}): Running => startCommandLine(args, { ...place, env: { KUBECONFIG, ...place.env } })

/** The HDF files of a run by their names. */
export const hdfOf = ({ folder }: Ran): Map<string, HdfReport> => {
  const path = join(folder, 'kscan-reports', 'hdf')
  return new Map(readdirSync(path).map((name) => [name, JSON.parse(readFileSync(join(path, name), 'utf8')) as HdfReport]))
}

export interface HdfReport {
  readonly profiles: readonly {
    readonly name: string
    readonly controls: readonly { readonly id: string; readonly results?: readonly Record<string, unknown>[] }[]
  }[]
}

/** What each control's checks said, for comparisons: status and words. */
export const wordsOf = (report: HdfReport): Record<string, unknown[]> =>
  Object.fromEntries(
    report.profiles.flatMap(({ name, controls }) =>
      controls.map(({ id, results = [] }) => [
        `${name} ${id}`,
        results.map((result) => [result['status'], result['code_desc'], result['message'] ?? result['skip_message']])
      ])
    )
  )

/** The ids of the controls that the record of a run calls unjudged, each once. */
export const unjudged = ({ folder }: Ran): string[] => {
  const record = JSON.parse(readFileSync(join(folder, 'kscan-reports', 'run.json'), 'utf8')) as {
    verdict: { targets: { unjudged: { control: string }[] }[] }
  }
  return [...new Set(record.verdict.targets.flatMap((target) => target.unjudged.map(({ control }) => control)))].toSorted()
}
