import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { parseResults } from '../../src/hdf/parse.ts'
import type { Control } from '../../src/hdf/model.ts'
import type { Ran } from './command-line.ts'

const Record = z.looseObject({ verdict: z.looseObject({ targets: z.array(z.looseObject({ unjudged: z.array(z.looseObject({ control: z.string() })) })) }) })

/** The controls of a scan of one container, each with its status, or `unjudged` where that is what it counts as. */
export const audited = ({ folder }: Pick<Ran, 'folder'>): (Pick<Control, 'id' | 'profile' | 'title'> & { readonly outcome: string })[] => {
  const reports = join(folder, 'kscan-reports')
  const [hdf = ''] = readdirSync(join(reports, 'hdf'))
  const { verdict } = Record.parse(JSON.parse(readFileSync(join(reports, 'run.json'), 'utf8')))
  const unjudged = new Set(verdict.targets.flatMap((target) => target.unjudged.map(({ control }) => control)))
  const { controls } = parseResults(readFileSync(join(reports, 'hdf', hdf)), hdf)
  return controls.map(({ id, profile, title, status }) => ({ id, profile, title, outcome: unjudged.has(id) ? 'unjudged' : status }))
}
