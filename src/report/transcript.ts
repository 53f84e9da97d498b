import { z } from 'zod'
import { inertJson } from '../kernel/name.ts'

const Stream = z.object({
  bytes: z.number(),
  sha256: z.string(),
  /** Only with `full`. `leftOut`: bytes behind the text. */
  output: z.object({ encoding: z.enum(['utf-8', 'base64']), text: z.string(), leftOut: z.number() }).optional()
})

const AskedQuestion = z.object({
  /** A command of a profile, or the path whose facts or content were asked. */
  asked: z.object({ kind: z.enum(['command', 'facts', 'content']), text: z.string() }),
  /** How long the auditor waited. */
  milliseconds: z.number(),
  /** Not there where no answer came. */
  answer: z.object({ status: z.number(), stdout: Stream, stderr: Stream }).optional(),
  /** Ids of the controls that rest on the answer. */
  controls: z.array(z.string()),
  /** It counts for every control: who asked is not known. */
  all: z.boolean(),
  /** Why the answer does not hold what was asked. */
  unseen: z.string().optional()
})

/** transcript/NAME.json: what was asked of a target, in the order of the answers, and what came of it. Texts are from outside. */
export const TargetTranscript = z.object({
  schema: z.literal('kscan-transcript-1'),
  target: z.string(),
  kept: z.enum(['hashes', 'full']),
  questions: z.array(AskedQuestion)
})
export type TargetTranscript = z.infer<typeof TargetTranscript>
export type AskedQuestion = z.infer<typeof AskedQuestion>

/** By target name; empty where none is kept. */
export type Transcripts = ReadonlyMap<string, TargetTranscript>

export const transcriptJson = (transcript: TargetTranscript): string => `${inertJson(transcript, 2)}\n`
