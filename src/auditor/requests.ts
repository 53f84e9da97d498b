import { z } from 'zod'

const ASKER = { control: z.string().optional(), file: z.string().optional(), skipped: z.boolean().optional() }

const EventRequest = z.discriminatedUnion('event', [
  z.object({
    verb: z.literal('event'),
    event: z.literal('asked'),
    command: z.number(),
    ...ASKER
  }),
  z.object({
    verb: z.literal('event'),
    event: z.literal('runner'),
    resource: z.string(),
    what: z.string(),
    ...ASKER
  }),
  z.object({
    verb: z.literal('event'),
    event: z.literal('ran'),
    command: z.number(),
    resource: z.string(),
    service: z.string().optional()
  }),
  z.object({ verb: z.literal('event'), event: z.literal('start'), checks: z.number() }),
  z.object({ verb: z.literal('event'), event: z.literal('check'), control: z.string(), status: z.enum(['passed', 'failed', 'pending']) })
])
/** What the auditor's plugin may ask and tell. */
export const Request = z.discriminatedUnion('verb', [
  z.object({ verb: z.literal('exec'), id: z.number(), timeout: z.number().positive().nullish() }),
  z.object({ verb: z.literal('file'), id: z.number(), want: z.enum(['facts', 'content']) }),
  EventRequest
])
export type Request = z.infer<typeof Request>
export type EventRequest = z.infer<typeof EventRequest>

/** Who asked, as the plugin names it. */
export type RequestAsker = z.output<z.ZodObject<typeof ASKER>>
