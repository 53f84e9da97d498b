// What docs/baseline.md says of each control, read from the profile's own sources, which are written in one form.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

const PROFILE = 'src/auditor/plugin/profiles/kscan-baseline'

interface Entry {
  readonly id: string
  readonly severity: string
  readonly title: string
  readonly texts: ReadonlyMap<string, string>
  readonly tags: ReadonlyMap<string, readonly string[]>
}

const SEVERITIES: Readonly<Record<string, string>> = { '1.0': 'critical', '0.7': 'high', '0.5': 'medium', '0.3': 'low' }

const plain = (quoted: string): string => quoted.replaceAll(/\\(['\\])/g, '$1')

const entriesIn = (source: string): Entry[] =>
  source
    .split(/^control /m)
    .slice(1)
    .map((text) => {
      const [, id = ''] = /^'([^']+)' do$/m.exec(text) ?? []
      const impact = /^ {2}impact (?:.* : )?([\d.]+)$/m.exec(text)?.[1] ?? ''
      const [, title = ''] = /^ {2}title '(.*)'$/m.exec(text) ?? []
      const texts = [...text.matchAll(/^ {2}desc (?:'([\w ]+)', )?'(.*)'$/gm)].map(([, name = 'why', said = '']) => [name, plain(said)] as const)
      const tags = [...text.matchAll(/^ {2}tag (\w+): \[(.*)\]$/gm)].map(
        ([, name = '', list = '']) => [name, [...list.matchAll(/'([^']*)'/g)].map(([, word = '']) => word)] as const
      )
      const severity = SEVERITIES[impact]
      if (id === '' || title === '' || severity === undefined || tags.length < 3)
        throw new Error(`the control ${id || '?'} is not written in the form of the others`)
      return { id, severity, title: plain(title), texts: new Map(texts), tags: new Map(tags) }
    })

/** All controls, by id. */
const baselineEntries = (): Entry[] =>
  globSync(`${PROFILE}/controls/*.rb`)
    .flatMap((file) => entriesIn(readFileSync(file, 'utf8')))
    .toSorted((one, other) => one.id.localeCompare(other.id))

const references = ({ tags }: Entry): string =>
  ['nist', 'cci', 'srg', 'cis', 'attack']
    .map((name) => (tags.get(name) ?? []).join(', '))
    .filter((text) => text !== '')
    .join(' · ')

const section = (entry: Entry): string => {
  const text = (name: string): string => entry.texts.get(name) ?? ''
  const input = /^Input: (\w+)$/.exec(text('exceptions'))?.[1]
  return [
    `### ${entry.id} ${entry.title}`,
    '',
    `*${entry.severity}* – ${text('why')}`,
    '',
    `- Check: ${text('check')}${text('caveat') === '' ? '' : ` ${text('caveat')}`}`,
    `- Fix: ${text('fix')}`,
    ...(input === undefined ? [] : [`- Exceptions: the input \`${input}\``]),
    `- ${references(entry)}`,
    ''
  ].join('\n')
}

const inputs = (): string => {
  const { inputs: all } = parse(readFileSync(join(PROFILE, 'inspec.yml'), 'utf8')) as { inputs: { name: string; description: string }[] }
  return ['| input | |', '| --- | --- |', ...all.map(({ name, description }) => `| \`${name}\` | ${description} |`)].join('\n')
}

/** docs/baseline.md, whole. */
export const baselineText = (): string => {
  const entries = baselineEntries()
  const counts = Object.values(SEVERITIES).map((severity) => `${entries.filter((entry) => entry.severity === severity).length} ${severity}`)
  return `<!-- Made by scripts/tables.ts from the profile's sources: change them there. -->
# kscan-baseline

The profile that runs when \`profile\` is not given: ${entries.length} controls (${counts.join(', ')}) that hold inside of a container of any image, distroless included. A few queries
cover all of them: one look at /proc, one \`find\` over the root file system, a few files. A list that is empty passes only where what it was made of is known to be whole.

Where a control does not apply, it is "not applicable", with the reason. In a pod of ours (\`twin-pod\`) only the image is looked at: what speaks of running processes, of
mounts and of rights does not apply there. What the container's user cannot open is left out on purpose: that user cannot reach it either.

A reference means that the control *relates to* that requirement, not that it satisfies it alone: NIST SP 800-53 revision 5, CCI, the Container Platform SRG (CTR) and the General Purpose
Operating System SRG (GPOS), the CIS benchmarks for Docker 1.6 and Kubernetes 1.10 and 1.11, and MITRE ATT&CK.

## Exceptions

What you permit, you declare as inputs of the profile: in kscan.yaml as here, on the command line as \`KSCAN_PROFILE_INPUTS='{programs: [curl]}' kscan scan …\`.

\`\`\`yaml
profile-inputs:
  root_processes: [nginx]
  programs: [curl]
\`\`\`

${inputs()}

## Controls

${entries.map(section).join('\n')}`
}
