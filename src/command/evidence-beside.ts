import { readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { ScanError } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { fileName } from '../report/open.ts'
import type { Judged } from '../verdict/model.ts'

const Unjudged = z.object({ control: z.string(), reason: z.string(), lost: z.boolean(), command: z.string() })
const Run = z.looseObject({
  schema: z.literal('kscan-run-1'),
  targets: z.array(z.looseObject({ name: z.string(), failure: z.looseObject({ message: z.string() }).optional() })),
  verdict: z.looseObject({ targets: z.array(z.looseObject({ target: z.string(), unjudged: z.array(Unjudged) })) })
})

/**
 * What the run that wrote an HDF file knew beyond it: `FOLDER/hdf/NAME.json` has its `FOLDER/run.json`. Not known where there is none, or none of that target.
 * Throws RESULTS_UNREADABLE for a run.json that cannot be read.
 */
export const evidenceBeside = (file: string): Pick<Judged, 'unjudged' | 'reasons'> & { known: boolean } => {
  const path = join(dirname(resolve(file)), '..', 'run.json')
  const run = basename(dirname(resolve(file))) === 'hdf' ? readRun(path) : undefined
  const target = run?.targets.find(({ name }) => `${fileName(name)}.json` === basename(file))
  if (run === undefined || target === undefined) return { unjudged: [], reasons: [], known: false }
  const failed = run.targets.flatMap(({ name, failure }) => (failure === undefined ? [] : [`in the same run ${name} could not be scanned: ${failure.message}`]))
  return { unjudged: run.verdict.targets.find((each) => each.target === target.name)?.unjudged ?? [], reasons: failed, known: true }
}

const readRun = (path: string): z.infer<typeof Run> | undefined => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
  try {
    return Run.parse(JSON.parse(text))
  } catch (error) {
    throw new ScanError('RESULTS_UNREADABLE', `${printableLine(path)} is not the run.json of a scan`, {
      cause: error,
      hint: 'It tells what the controls could not see. Move the HDF files elsewhere to have them judged without it.'
    })
  }
}
