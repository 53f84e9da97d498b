import { z } from 'zod'

export const Day = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/)
  .describe('YYYY-MM-DD.')

/** What somebody has attested, in run.json. */
export const AttestationShape = z.object({
  control: z.string(),
  target: z.string().optional().describe('Left out: of all containers.'),
  status: z.enum(['passed', 'failed']),
  explanation: z.string(),
  by: z.string(),
  updated: Day,
  expires: Day
})
