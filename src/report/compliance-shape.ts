import { z } from 'zod'

const assessed = z.object({
  framework: z.string(),
  id: z.string(),
  title: z.string(),
  status: z.enum(['met', 'at-risk', 'conflict', 'not-assessed']),
  because: z.string()
})
const way = z.object({
  targets: z.array(z.string()).readonly(),
  facts: z
    .record(z.string(), z.union([z.string(), z.number()]))
    .describe('What was observed, and the statuses rest on; docs/compliance.md lists all. What was not observed is left out.'),
  assessed: z.array(assessed).readonly()
})

/** How the way in which a run scanned stands to what frameworks ask for, in run.json. */
export const ComplianceShape = z
  .object({
    checked: z.string().describe('YYYY-MM-DD: when the requirements were last compared with their sources.'),
    ways: z.array(way).readonly().describe('One for all containers that were scanned in the same way.')
  })
  .optional()
  .describe('The way in which the run scanned, against what frameworks ask for; it says nothing of the containers. Left out in files of earlier versions.')

export type Compliance = NonNullable<z.output<typeof ComplianceShape>>
/** One way of scanning, with the containers that were scanned in it. */
export type ScanWay = Compliance['ways'][number]
export type AssessedRow = ScanWay['assessed'][number]
