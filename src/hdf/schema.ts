import { z } from 'zod'

/** The parts of the auditor's JSON (InSpec exec-json, HDF) that we read; everything else is left alone. */
const Result = z.looseObject({
  status: z.enum(['passed', 'failed', 'skipped', 'error']),
  code_desc: z.string().nullish(),
  message: z.string().nullish(),
  skip_message: z.string().nullish(),
  backtrace: z.unknown().optional(),
  exception: z.string().nullish(),
  resource_class: z.string().nullish()
})

const WaiverData = z.looseObject({
  justification: z.string().nullish(),
  expiration_date: z.union([z.string(), z.number()]).nullish(),
  run: z.union([z.boolean(), z.string()]).nullish(), // a text where the waivers are a CSV file
  skipped_due_to_waiver: z.union([z.boolean(), z.string()]).nullish(),
  message: z.string().nullish()
})

export const RawControl = z.looseObject({
  id: z.string(),
  title: z.string().nullish(),
  desc: z.string().nullish(),
  descriptions: z.union([z.array(z.looseObject({ label: z.string(), data: z.string().nullish() })), z.record(z.string(), z.unknown())]).nullish(),
  impact: z.number(),
  tags: z.record(z.string(), z.unknown()).nullish(),
  source_location: z.looseObject({ ref: z.string().nullish() }).nullish(),
  waiver_data: WaiverData.nullish(),
  results: z.array(Result).nullish()
})
export type RawControl = z.infer<typeof RawControl>
export type RawResult = z.infer<typeof Result>

const Dependency = z.looseObject({
  name: z.string().nullish(),
  status: z.string().nullish(),
  status_message: z.string().nullish(),
  skip_message: z.string().nullish()
})
export type RawDependency = z.infer<typeof Dependency>

export const RawProfile = z.looseObject({
  name: z.string(),
  version: z.string().nullish(),
  title: z.string().nullish(),
  sha256: z.string().nullish(),
  status: z.string().nullish(),
  status_message: z.string().nullish(),
  skip_message: z.string().nullish(),
  parent_profile: z.string().nullish(),
  depends: z.array(Dependency).nullish(),
  controls: z.array(RawControl)
})
export type RawProfile = z.infer<typeof RawProfile>

export const RawReport = z.looseObject({
  version: z.string(),
  platform: z.looseObject({ name: z.string().nullish(), release: z.string().nullish() }),
  profiles: z.array(RawProfile),
  statistics: z.looseObject({ duration: z.number().nullish() }).nullish()
})
