import { z } from 'zod'
import { ISOLATIONS } from '../kernel/isolation.ts'

/** Who ran the profiles, in run.json. */
export const AuditorShape = z.object({
  product: z.string(),
  version: z.string(),
  source: z.string(),
  mount: z.string().optional().describe("How the files of CINC's package came to /opt/cinc-auditor: installed, bwrap, namespaces or symlink.")
})

/** How that program was kept from the machine. */
export const IsolationShape = z
  .object({
    kind: z.enum([...ISOLATIONS, 'unknown']),
    says: z.string().describe('What that means, and why nothing stronger was taken.')
  })
  .default({ kind: 'unknown', says: 'unknown' })
  .describe('How the auditor was kept from the machine that it ran on; unknown in files of earlier versions.')
