import { z } from 'zod'

/** So many items are read at once: one by one takes longer, and all at once, of a large file that is something else, give more problems than there is room for. */
const AT_ONCE = 1000

/** A list, of which the first problem is told. */
const listOf = <T extends z.ZodType>(item: T) => {
  const some = z.array(item)
  return z.array(z.unknown()).transform((values, context) => {
    const read: z.output<typeof some>[] = []
    for (let first = 0; first < values.length; first += AT_ONCE) {
      const { data, error } = some.safeParse(values.length <= AT_ONCE ? values : values.slice(first, first + AT_ONCE))
      const [{ path: [index, ...path], message } = { path: [], message: '' }] = error?.issues ?? []
      if (data === undefined) {
        context.addIssue({ code: 'custom', message, path: [first + Number(index), ...path] })
        return z.NEVER
      }
      read.push(data)
    }
    return read.length === 1 ? (read[0] ?? []) : read.flat()
  })
}

/** The parts of the auditor's JSON (InSpec exec-json, HDF) that we read; everything else is left behind. */
const Result = z.object({
  status: z.enum(['passed', 'failed', 'skipped', 'error']),
  code_desc: z.string().nullish(),
  message: z.string().nullish(),
  skip_message: z.string().nullish(),
  backtrace: z.unknown().optional(),
  exception: z.string().nullish(),
  resource_class: z.string().nullish()
})

const WaiverData = z.object({
  justification: z.string().nullish(),
  expiration_date: z.union([z.string(), z.number()]).nullish(),
  run: z.union([z.boolean(), z.string()]).nullish(), // a text where the waivers are a CSV file
  skipped_due_to_waiver: z.union([z.boolean(), z.string()]).nullish(),
  message: z.string().nullish()
})

export const RawControl = z.object({
  id: z.string(),
  title: z.string().nullish(),
  desc: z.string().nullish(),
  descriptions: z.union([listOf(z.object({ label: z.string(), data: z.string().nullish() })), z.record(z.string(), z.unknown())]).nullish(),
  impact: z.number(),
  tags: z.record(z.string(), z.unknown()).nullish(),
  source_location: z.object({ ref: z.string().nullish(), line: z.number().nullish() }).nullish(),
  waiver_data: WaiverData.nullish(),
  results: listOf(Result).nullish()
})
export type RawControl = z.infer<typeof RawControl>
export type RawResult = z.infer<typeof Result>

const Dependency = z.object({
  name: z.string().nullish(),
  status: z.string().nullish(),
  status_message: z.string().nullish(),
  skip_message: z.string().nullish()
})
export type RawDependency = z.infer<typeof Dependency>

export const RawProfile = z.object({
  name: z.string(),
  version: z.string().nullish(),
  title: z.string().nullish(),
  sha256: z.string().nullish(),
  status: z.string().nullish(),
  status_message: z.string().nullish(),
  skip_message: z.string().nullish(),
  parent_profile: z.string().nullish(),
  depends: listOf(Dependency).nullish(),
  groups: listOf(z.object({ controls: listOf(z.string()) })).nullish(),
  controls: listOf(RawControl)
})
export type RawProfile = z.infer<typeof RawProfile>

export const RawReport = z.object({
  version: z.string(),
  platform: z.object({ name: z.string().nullish(), release: z.string().nullish() }),
  profiles: listOf(RawProfile),
  statistics: z.object({ duration: z.number().nullish() }).nullish()
})
