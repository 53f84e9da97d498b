import { z } from 'zod'
import { CONTAINER_RIGHTS } from '../kernel/container-rights.ts'

const texts = z.array(z.string()).readonly()
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

/** The scanner's rights, in run.json. */
export const AccessShape = z.object({
  mode: z.enum(['per-run', 'service-account', 'self']),
  made: texts,
  removed: texts,
  rules: texts,
  excess: texts.optional().describe('What the scanner could do beside its rules, of what it was asked; left out where it was not asked.'),
  held: z.object({ from: time, until: time }).optional().describe('From the first request for rights to the end of their withdrawal: ISO 8601, UTC.'),
  tokenSeconds: z.number().optional().describe("The longest life of a token, as the server gave it; left out where the caller's own credentials were used.")
})

/** What lent a shell to a container, or was added in order to. */
export const HelperShape = z
  .array(
    z.object({
      by: z.enum(['kscan', 'owner']).describe('Who put it there.'),
      as: z.enum(['ephemeral-container', 'container', 'volume', 'pod']),
      image: z.string().describe("As the pod's spec names it."),
      policy: z
        .enum(['refuses', 'not-asked'])
        .optional()
        .describe('Whether the cluster refuses to add containers that may do more; left out where none was added to a pod.'),
      rights: z
        .enum(CONTAINER_RIGHTS)
        .optional()
        .describe('What it may do, as the API has it: no more than the level restricted; the same as root; more; all. Left out where that was not read.')
    })
  )
  .readonly()
  .optional()
  .describe('What lent a shell, or was added in order to; left out in files of earlier versions.')
