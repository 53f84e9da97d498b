import { createHash } from 'node:crypto'
import { z } from 'zod'
import { inertJson } from '../kernel/name.ts'
import type { Verdict } from '../verdict/model.ts'
import { endingJson, endingOf } from './ending.ts'
import { AuditorShape, IsolationShape } from './auditor-shape.ts'
import { AccessShape, HelperShape } from './access-shape.ts'
import { AttestationShape, Day } from './attestation-shape.ts'
import { ComplianceShape } from './compliance-shape.ts'
import { KindShape } from './kind-shape.ts'
import type { RunRecord, TargetRecord } from './record.ts'

const SCHEMA = 'kscan-run-1'

/** What tells whether a text is one at all. */
const Marked = z.looseObject({ schema: z.string(), version: z.string().optional() })

const list = <T extends z.ZodType>(of: T): z.ZodReadonly<z.ZodArray<T>> => z.array(of).readonly()
const texts = list(z.string())
const count = z.int().min(0)
const time = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  .describe('ISO 8601, UTC.')
const status = z.enum(['passed', 'failed', 'skipped', 'no_impact', 'error'])

const row = z.object({ critical: count, high: count, medium: count, low: count, none: count, total: count })
const counts = z
  .object({ passed: row, failed: row, skipped: row, no_impact: row, error: row })
  .describe('Controls by status and severity; unjudged ones are errors.')
const percent = z.number().min(0).max(100).describe('Unrounded.')
const unjudged = z.object({
  control: z.string(),
  reason: z.string(),
  cause: z.string().default('unknown').describe('KIND or KIND:WHAT, for example missing:systemctl.'),
  lost: z.boolean().describe('No answer came at all.'),
  command: z.string()
})
const evidence = list(unjudged).describe('All that its controls could not see, whatever came of it.')
const reasons = texts.describe('Why it cannot be judged, known beside its results.')
const statusSha256 = z.string().describe('Over the profile, id and status of each control, as they count.')
const waiver = z.object({
  control: z.string(),
  cause: z.string().optional().describe('Of an accepted cause: which. Left out: it is a waiver of the control.'),
  justification: z.string(),
  expires: z.string().optional().describe('YYYY-MM-DD.'),
  skipped: z.boolean(),
  run: z.boolean(),
  inForce: z.boolean(),
  idle: z.boolean().default(false).describe('The control failed all the same.')
})
const violation = z.object({ target: z.string(), source: z.string(), bound: z.string(), expected: z.string(), actual: z.string(), controls: texts })
const compared = z.enum([...status.options, 'unjudged', 'waived'])
const change = z.object({
  target: z.string(),
  profile: z.string(),
  control: z.string(),
  before: compared.optional().describe('Left out: the baseline did not have the control.'),
  now: compared.optional().describe('Left out: the run did not have the control.')
})
const comparison = z
  .object({ source: z.string(), run: z.string(), day: Day, sha256: z.string(), worse: list(change), fixed: list(change), still: list(change), absent: texts })
  .describe('The comparison with an earlier run.')

const verdict = z.object({
  result: z.enum(['passed', 'not-compliant', 'unjudged']),
  targets: list(
    z.object({
      target: z.string(),
      counts,
      compliance: percent,
      waived: count.optional(),
      waivers: list(waiver),
      unjudged: list(unjudged),
      evidence,
      reasons,
      statusSha256
    })
  ),
  counts,
  compliance: percent,
  violations: list(violation),
  unjudgedReasons: texts,
  accepted: texts.describe('What would have made the run or a control unjudged, and unjudged-ok or runner-resources accepts.'),
  safDiffers: texts.describe('What plain SAF would have said otherwise.'),
  baseline: comparison.optional()
})

const target = z.object({
  name: z.string().describe('namespace/workload-or-pod/container; the name of its HDF file is made from it.'),
  stableName: z.string().describe('The same for all pods of a workload, and from run to run.'),
  namespace: z.string(),
  pod: z.string(),
  podUid: z.string(),
  podIp: z.string().optional().describe('The address of the pod when it was scanned.'),
  container: z.string(),
  image: z.string(),
  imageId: z.string(),
  node: z.string(),
  approach: z.enum(['kubernetes-api', 'debug-container', 'sidecar-container', 'twin-pod', 'none']),
  why: z.string(),
  rejected: list(z.object({ approach: z.string(), why: z.string() })),
  tamperResistance: z.enum(['none', 'lent-shell']),
  services: list(z.object({ service: z.string(), ground: z.string() }))
    .default([])
    .describe('Services that are not installed, not enabled and not running by what was looked at, where no service manager runs.'),
  kept: texts,
  helpers: HelperShape,
  commands: count,
  duration: z.number().describe('Milliseconds.'),
  failure: z
    .object({ code: z.string(), message: z.string(), hint: z.string().optional().describe('What to do about it.') })
    .optional()
    .describe('Why it has no results; left out when it has.')
})

const written = z.object({ path: z.string().describe('In the folder of reports.'), sha256: z.string() })
/** A file that a run wrote into its folder of reports, with the SHA-256 of its bytes; of run.json itself, of its text with zeros in place of that digest. */
export type Written = z.output<typeof written>

/** The shape of run.json; what the first versions did not write has a default. Its JSON Schema is docs/run.schema.json. */
export const RunFile = z.object({
  schema: z.literal(SCHEMA),
  run: z.string(),
  version: z.string().describe('Of kscan.'),
  started: time,
  finished: time,
  cluster: z.object({ server: z.string(), version: z.string(), context: z.string(), kind: KindShape }),
  access: AccessShape,
  auditor: AuditorShape,
  offline: z.boolean().default(false).describe('Whether fetching was forbidden.'),
  isolation: IsolationShape,
  profiles: list(
    z.object({
      source: z.string(),
      sha256: z.string(),
      dependencies: list(z.object({ way: z.string(), source: z.string(), sha256: z.string() }))
        .optional()
        .describe('What it includes, by the names that lead there.')
    })
  ),
  containerDetection: z.enum(['docker', 'native']),
  runnerResources: z.enum(['deny', 'allow']).default('deny').describe('Whether answers of the machine that kscan ran on count.'),
  threshold: list(z.object({ source: z.string(), bounds: texts })),
  targets: list(target),
  notScanned: list(z.object({ pod: z.string(), container: z.string().optional().describe('Left out: the whole pod.'), why: z.string() }))
    .default([])
    .describe('Pods that were found and not scanned, or containers of them that do not run.'),
  timings: z.record(z.string(), z.number()).describe('Milliseconds by phase.'),
  leftovers: texts.describe('What was made and could not be removed.'),
  strictCleanup: z.boolean(),
  unusedWaivers: texts,
  judgedOn: Day,
  attestations: list(AttestationShape),
  acceptedCauses: list(z.object({ cause: z.string(), justification: z.string(), expires: Day })).default([]),
  transcript: z.enum(['off', 'hashes', 'full']).optional().describe('Whether a transcript was kept; left out in files of earlier versions.'),
  compliance: ComplianceShape,
  ending: z
    .object({ result: z.string(), exitCode: z.int(), headline: z.string(), reasons: texts, remedy: z.string().describe('What to do; may be empty.') })
    .optional()
    .describe('What the run came to, before enforce: false softens a 1.'),
  verdict,
  files: list(written)
    .default([])
    .describe(
      'What the run wrote into this folder: a later run removes nothing else. The last is run.json itself, with its digest over zeros in place of that digest.'
    )
})
type RunFile = z.output<typeof RunFile>

/** A run as its run.json tells it. */
export interface ReadRun {
  readonly record: RunRecord
  readonly verdict: Verdict
}

export const RUN_JSON = 'run.json'
const ZEROS = '0'.repeat(64)

/** run.json: what was done and what came of it, and the other files beside it. Keys in the order of the schema, so that two files can be compared. */
export const runJson = (judged: Verdict, record: RunRecord, others: readonly Written[] = []): string => {
  const files = [...others.toSorted((a, b) => (a.path < b.path ? -1 : 1)), { path: RUN_JSON, sha256: ZEROS }]
  const file: RunFile = { schema: SCHEMA, ...record, ending: endingJson(endingOf(judged, record)), verdict: judged, files }
  const text = `${inertJson(RunFile.parse(file), 2)}\n`
  const at = text.lastIndexOf(ZEROS)
  return text.slice(0, at) + sha256(text) + text.slice(at + ZEROS.length)
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** What a run.json says of the files beside it. */
export interface Listed {
  readonly run: string
  readonly version: string
  /** Undefined in one of an earlier version. */
  readonly files: readonly Written[] | undefined
}

const ListedFile = z.looseObject({ schema: z.literal(SCHEMA), run: z.string(), version: z.string(), files: list(written).optional() })

/** Reads the list, also of a run.json of another version. Undefined for a text that is none. */
export const listedIn = (text: string): Listed | undefined => {
  try {
    const { run, version, files } = ListedFile.parse(JSON.parse(text))
    return { run, version, files }
  } catch {
    return undefined
  }
}

/** The digest that a run.json must list of itself. */
export const sealOf = (text: string): string => {
  const own = listedIn(text)?.files?.at(-1)?.sha256 ?? ZEROS
  return sha256(text.replace(own, ZEROS))
}

/** Whether a text says that it is one. Throws for what is no JSON. */
export const isRunText = (text: string): boolean => Marked.safeParse(JSON.parse(text)).data?.schema === SCHEMA

/** Reads it back. Throws an Error whose message says what is not as it must be; what a later version adds is passed over. */
export const parseRun = (text: string): ReadRun => {
  const value: unknown = JSON.parse(text)
  const { schema, version } = Marked.safeParse(value).data ?? {}
  if (schema !== SCHEMA) throw new Error(`it is no run.json (its schema is not ${SCHEMA})`)
  const read = RunFile.safeParse(value)
  if (!read.success) throw new Error(`kscan ${version ?? ''} wrote it, and this version does not read it: ${firstIssue(read.error)}`)
  const { schema: _, ending: __, verdict: judged, files: ___, ...record } = read.data
  return { record: { ...record, targets: record.targets.map(toTarget) }, verdict: toVerdict(judged) }
}

const firstIssue = ({ issues: [first] }: z.ZodError): string => `${first?.path.join('.') ?? ''}: ${first?.message ?? ''}`

/** JSON leaves out what is undefined. */
const toTarget = ({ failure, ...rest }: RunFile['targets'][number]): TargetRecord => ({ ...rest, failure })

const toVerdict = ({ targets, baseline, ...rest }: z.output<typeof verdict>): Verdict => ({
  ...rest,
  targets: targets.map(({ waivers, waived = waivers.filter(({ inForce }) => inForce).length, ...each }) => ({
    ...each,
    waived,
    waivers: waivers.map(({ expires, ...use }) => ({ ...use, expires }))
  })),
  baseline
})
