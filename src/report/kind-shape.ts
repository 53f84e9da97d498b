import { z } from 'zod'
import { ENGINES } from '../kernel/engine.ts'

const milliseconds = z.number().min(0)
/** What run.json says of a cluster that was made for the run. */
export const KindShape = z
  .object({
    name: z.string(),
    version: z.string().describe('Of kind.'),
    source: z.enum(['path', 'downloaded']),
    nodeImage: z.string().describe('Empty where a configuration of kind names it.'),
    nodeDigest: z.string(),
    engine: z.enum(ENGINES),
    engineVersion: z.string(),
    loaded: z.array(z.string()).readonly().describe('Images that were loaded into the nodes.'),
    applied: z.int().min(0).describe('Objects that were deployed.'),
    timings: z.object({ ready: milliseconds, create: milliseconds, load: milliseconds, deploy: milliseconds }).describe('Milliseconds.'),
    kept: z.boolean().describe('It is still there.')
  })
  .optional()
  .describe('A cluster that was made for the run; left out for one that was there.')
