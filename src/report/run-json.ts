import type { Verdict } from '../verdict/model.ts'
import type { RunRecord } from './record.ts'

/** run.json: what was done and what came of it. Keys in one order, so that two files can be compared. */
export const runJson = (verdict: Verdict | undefined, record: RunRecord): string =>
  `${JSON.stringify({ schema: 'kscan-run-1', ...record, verdict: verdict ?? null }, null, 2)}\n`
