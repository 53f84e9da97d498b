import { assess } from '../src/compliance/assess.ts'
import { FACT_NAMES, FACTS, type FactName, type Facts, valuesOf } from '../src/compliance/facts.ts'
import { catalog, type Framework, type Requirement, type Rule, type Status, type Wanted } from '../src/compliance/requirement.ts'
import { ABOUT_THE_SCAN, wordOf } from '../src/report/compliance.ts'

/** A run as it should be: its own access, removed; a confined helper, by digest, where there is one; an auditor that kscan knows, isolated. */
const GOOD: Facts = {
  access: 'per-run',
  rules: 'named',
  'more-rights': 'none',
  'reads-secrets': 'refused',
  'creates-pods': 'refused',
  impersonates: 'refused',
  token: 15,
  held: 2,
  revoked: 'removed',
  isolation: 'namespaces',
  auditor: 'verified',
  added: 'nothing',
  policy: 'not-needed',
  'helper-image': 'none',
  'helper-rights': 'none',
  processes: 'apart',
  answers: 'lent-shell',
  kept: 'nothing',
  leftovers: 'none',
  namespace: 'own',
  image: 'digest',
  cluster: 'existing',
  transcript: 'off'
}
const LENT: Facts = { ...GOOD, 'helper-image': 'digest', 'helper-rights': 'restricted' }

/** One column for each way into a container. */
export const COLUMNS: readonly (readonly [head: string, facts: Facts])[] = [
  ['kubernetes-api', { ...GOOD, approach: 'kubernetes-api', answers: 'own-shell' }],
  ['debug-container', { ...LENT, approach: 'debug-container', added: 'ephemeral-container', policy: 'refuses', processes: 'joined', kept: 'entry' }],
  ['sidecar-container: container', { ...LENT, approach: 'sidecar-container', processes: 'shared' }],
  ['sidecar-container: volume', { ...LENT, approach: 'sidecar-container' }],
  ['twin-pod', { ...LENT, approach: 'twin-pod', added: 'pod', 'creates-pods': 'allowed', rules: 'with-new-pods' }]
]

const SIGNS: Readonly<Record<Status, string>> = { met: 'met', 'at-risk': 'at risk', conflict: '**conflict**', 'not-assessed': '–' }

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;')

const wantedText = (wanted: Wanted): string => {
  if (typeof wanted === 'string') return `\`${wanted}\``
  if ('atMost' in wanted) return `${wanted.atMost} or less`
  if ('moreThan' in wanted) return `more than ${wanted.moreThan}`
  return wanted.map((value) => `\`${value}\``).join(' or ')
}

const conditionsOf = ({ when }: Rule): string =>
  FACT_NAMES.flatMap((name) => (when[name] === undefined ? [] : [`\`${name}\` is ${wantedText(when[name])}`])).join(' and ')

const ruleText = (rule: Rule): string => `${wordOf(rule.status)}, where ${conditionsOf(rule)}: ${rule.because}`

const decides = ({ id, rules, otherwise }: Requirement): string => {
  const lines = [...rules.map(ruleText), `not assessed, where ${rules.length === 0 ? 'ever it was' : 'none of these holds'}: ${otherwise}`]
  return `- ${id}\n${lines.map((each) => `  - ${each}`).join('\n')}`
}

const idOf = ({ id, url }: Requirement): string => (url === undefined ? id : `[${id}](${url})`)

const part = ({ name, document, version, url, checked, against }: Framework): string => {
  const rows = catalog().requirements.filter(({ framework }) => framework === name)
  const columns = COLUMNS.map(([, facts]) => assess(facts, rows))
  const cells = rows.map((row, index) => [
    cell(idOf(row)),
    cell(row.title),
    ...columns.map((column) => SIGNS[column[index]?.status ?? 'not-assessed']),
    cell(row.section),
    row.checked
  ])
  return `## ${name}

Source: [${document}](${url}), version: ${version}. Last checked on ${checked}, against ${against}.

${table(['id', 'what it asks for', ...COLUMNS.map(([head]) => head), 'section', 'checked'], cells)}

<details><summary>What decides</summary>

${rows.map(decides).join('\n')}

</details>`
}

const factRow = (name: FactName): string[] => {
  const values = valuesOf(name)
  const told = values === undefined ? 'a number' : Object.entries(values).map(([value, says]) => `\`${value}\`: ${says}`)
  return [`\`${name}\``, cell(FACTS[name].text), cell([told].flat().join('; '))]
}

/** docs/compliance.md. */
export const complianceText = (): string => `<!-- Made by scripts/tables.ts from src/compliance/requirements.json: change it there. -->
# Compliance of the scan

A scan is itself something that happens in a cluster: somebody gets rights, opens shells, and may add a container. This page says how that stands to what
${catalog().frameworks.length} frameworks ask for. ${ABOUT_THE_SCAN} Have it reviewed by those who answer for your systems before you rest on it.

Each run looks at itself in the same way, and tells the result in \`run.json\` (\`compliance\`), on the html page and, shortly, in the Markdown report:

| status | meaning |
| --- | --- |
| met | what the framework asks for was observed in this run |
| at risk | it was done in a way that needs a note: somebody should know, and agree |
| conflict | it was done against what the framework asks for: somebody has to accept that in writing |
| not assessed | the run did not observe enough to say so, or it is a property of the cluster that a scan does not look at |

What was not observed is never met. A fact that a run did not see makes the requirements that rest on it *not assessed*.

## To accept a risk

The report \`risk-acceptance\` is a record to be signed. For each way in which the run scanned it says what is at risk or in conflict, why the scan was done so (the rule of \`auto\` that decided, and why none before it
did), what it leaves, and what really held against it in that run, with the id of the run, the digests of images, profiles and results, and lines for those who decide. It is mostly for \`debug-container\`, \`twin-pod\` and a sidecar that shares its
pod's processes; \`kubernetes-api\` has less in it, but for every scan there is something, for to run commands in a container is what
[T1609](https://attack.mitre.org/techniques/T1609/) describes.

\`\`\`sh
kscan scan --context prod --namespace shop --pod web-0 --profile ./profiles/baseline --reports hdf,html,risk-acceptance
kscan report --reports risk-acceptance --reports-path later kscan-reports/hdf/*.json
\`\`\`

## The tables

The columns are what a run comes to that goes as it should: access of its own (\`access: per-run\`) that is removed at the end, a helper that is confined and named by its digest, a cluster that refuses more than the helper
(see [approaches](approaches.md#debug-container)), an auditor whose digest kscan knows, isolated. Your run may stand otherwise: what decides is below each table. \`sidecar-container\` has two, for a
container that shares the pod's processes is another thing than a volume that is filled once.

${catalog().frameworks.map(part).join('\n\n')}

## What a run observes

${table(['fact', 'what it is', 'what it can be'], FACT_NAMES.map(factRow))}

## Not in the tables

- Ids that are often cited for containers and mean something else: CIS 5.2.3 to 5.2.5 are about the namespaces of the *node*, and none speaks of \`shareProcessNamespace\`; SRG-APP-000142 is about ports, not about least privilege;
  V-242423, V-242432, V-242433 and V-242377 are about etcd and TLS of the scheduler, not about RBAC, namespaces, privileges or audit.
- V-242435 (privileged functions) and V-242437 (pod security policies) of the Kubernetes STIG, which not all lists of its rules have: see V-254800 and SRG-APP-000340-CTR-000770.
- DoDI 8500.01: its paragraphs were not compared with the text.
- NSA/CISA has no ids: its chapters stand for them.
`
