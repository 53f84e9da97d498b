import { createHash } from 'node:crypto'
import type { Judged, Verdict } from '../verdict/model.ts'
import { endingOf } from './ending.ts'
import { compared } from './html-baseline.ts'
import { causes } from './html-causes.ts'
import { cluster, notes, versions } from './html-cluster.ts'
import { compliance } from './html-compliance.ts'
import { controls, waivers } from './html-controls.ts'
import { evidenceOf } from './html-evidence.ts'
import { entriesOf, finder, section, type Section } from './html-markup.ts'
import { SCRIPT } from './html-script.ts'
import { STYLE } from './html-style.ts'
import { banner, targets, unscanned, violations } from './html-verdict.ts'
import type { RunRecord } from './record.ts'
import { rowsOf } from './rows.ts'
import type { Transcripts } from './transcript.ts'

const hashOf = (block: string): string => `'sha256-${createHash('sha256').update(block).digest('base64')}'`

/** Nothing is loaded or sent, and no other style or script than these two can run. */
const POLICY = `default-src 'none'; style-src ${hashOf(STYLE)}; script-src ${hashOf(SCRIPT)}; base-uri 'none'; form-action 'none'`

/** One page for all targets that needs nothing beside it: read with or without script, on paper, in light and dark. */
export const html = (
  verdict: Verdict,
  judged: readonly Judged[],
  { record, transcripts }: { readonly record: RunRecord; readonly transcripts: Transcripts }
): string => {
  const entries = entriesOf(rowsOf(verdict, judged))
  const find = finder(entries)
  const sections: readonly Section[] = [
    { id: 'bounds', heading: 'Violated bounds', content: violations(verdict.violations, find) },
    { id: 'baseline', heading: 'Baseline', content: compared(verdict, find) },
    { id: 'unscanned', heading: 'Containers without results', content: unscanned(record) },
    { id: 'containers', heading: 'Containers', content: targets(verdict, record, entries) },
    { id: 'causes', heading: 'Unjudged controls by cause', content: causes(verdict, find) },
    { id: 'controls', heading: 'Controls', content: controls(entries, verdict, evidenceOf(transcripts)) },
    { id: 'waivers', heading: 'Waivers', content: waivers(verdict, find) },
    { id: 'cluster', heading: 'In the cluster', content: cluster(record) },
    { id: 'compliance', heading: 'How it was scanned', content: compliance(record) },
    { id: 'versions', heading: 'Versions and inputs', content: versions(record) },
    { id: 'notes', heading: 'Notes', content: notes(verdict, record) }
  ]
  const shown = sections.filter(({ content }) => content !== '')
  const ways = shown.map(({ id, heading }) => `<li><a href="#${id}">${heading}</a></li>`)
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>kscan: ${endingOf(verdict, record).word}</title>
<style>${STYLE}</style>
</head>
<body>
${banner(verdict, record, entries)}<nav aria-label="Contents"><ul>${ways.join('')}</ul></nav>
<main>
${shown.map(section).join('')}</main>
<script>${SCRIPT}</script>
</body>
</html>
`
}
