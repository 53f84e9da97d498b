// docs/dependencies.md: what dist holds, from its bill of materials, with what only people know: why, and which advisories there are.
import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** Why kscan asks for it itself. */
const REASONS: Readonly<Record<string, string>> = {
  '@actions/artifact': 'uploads reports as an artifact of the job; only its upload is in dist',
  '@actions/core': 'inputs, outputs, masks, groups and the summary of a GitHub job',
  '@vercel/ncc': 'the few lines with which its bundles load modules',
  commander: 'the command line',
  'socks-proxy-agent': 'the way to the API server through a SOCKS proxy',
  unbash: "parses what a profile's commands need",
  ws: 'the exec streams',
  yaml: 'thresholds, config files, manifests, attestations',
  zod: 'the shapes of all that comes from outside'
}

const CHECKED = '2026-11-30'

/** Package, advisory, and the version that mended it in the line that we have. */
const ADVISORIES: readonly (readonly [name: string, advisory: string, fixed: string, about: string])[] = [
  ['@actions/artifact', 'GHSA-6q32-hq47-5qq3', '2.1.2', 'writes outside of a folder on download, which dist has not'],
  ['async', 'GHSA-fwr7-v2mv-hh25', '3.2.2', 'prototype pollution'],
  ['brace-expansion', 'GHSA-v6h2-p8h4-qcjw', '2.0.2', 'slow patterns'],
  ['brace-expansion', 'GHSA-f886-m6hf-6m8v', '2.0.3', 'endless patterns'],
  ['fast-xml-builder', 'GHSA-5wm8-gmm8-39j9', '1.1.7', 'prototype pollution, expansion of entities'],
  ['fast-xml-parser', 'GHSA-m7jm-9gc2-mpf2', '5.3.5', 'entities that replace others'],
  ['fast-xml-parser', 'GHSA-jmr7-xgp7-cmfj', '5.3.6', 'expansion of entities'],
  ['fast-xml-parser', 'GHSA-8gc5-j5rx-235r', '5.5.6', 'expansion of numeric entities'],
  ['fast-xml-parser', 'CVE-2026-33349', '5.5.7', 'limits of zero'],
  ['glob', 'GHSA-5j98-mcp5-4vw2', '10.5.0', 'its command line, which dist has not'],
  ['lodash', 'GHSA-xxjr-mmjv-4gpg', '4.17.23', 'prototype pollution'],
  ['lodash', 'GHSA-f23m-r3pf-42rh', '4.18.0', 'prototype pollution'],
  ['lodash', 'GHSA-r5fr-rjxr-66jc', '4.18.0', 'code in templates'],
  ['minimatch', 'GHSA-3ppc-4f35-3m26', '5.1.7, 9.0.6', 'slow patterns'],
  ['undici', 'GHSA-35p6-xmwp-9g52', '6.27.0', 'CVE-2026-6733'],
  ['ws', 'GHSA-3h5v-q93c-6h6q', '8.17.1', 'a server that many headers end'],
  ['ws', 'GHSA-58qx-3vcg-4xpx', '8.20.1', 'memory in the reason of a close'],
  ['ws', 'GHSA-96hv-2xvq-fx4p', '8.21.0', 'memory of many small fragments'],
  ['yaml', 'GHSA-48c2-rrv3-qjmp', '2.8.3', 'stack overflow']
]

const Bill = z.object({
  metadata: z.object({ component: z.object({ 'bom-ref': z.string() }) }),
  components: z.array(
    z.object({
      'bom-ref': z.string(),
      group: z.string().optional(),
      name: z.string(),
      version: z.string(),
      licenses: z.tuple([z.union([z.object({ license: z.object({ id: z.string() }) }), z.object({ expression: z.string() })])])
    })
  ),
  dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) }))
})
type Bill = z.infer<typeof Bill>
type Component = Bill['components'][number]

/** Throws for a package that has no reason, and for words about one that dist has not, or has in a version without the mend. */
export const dependenciesText = (): string => {
  const bill = Bill.parse(JSON.parse(readFileSync('dist/sbom.cdx.json', 'utf8')))
  const direct = bill.components.filter((each) => needsOf(bill, bill.metadata.component['bom-ref']).includes(each['bom-ref']))
  demandSame(direct.map(nameOf), Object.keys(REASONS))
  for (const [name, advisory, fixed] of ADVISORIES) demandMended({ bill, name, advisory, fixed: fixed.split(', ') })
  const through = new Map(direct.map((each) => [nameOf(each), allNeeds(bill, each['bom-ref'])]))
  const rest = bill.components.filter((each) => !direct.includes(each))
  return `<!-- Made by scripts/tables.ts from dist/sbom.cdx.json and scripts/dependencies.ts: change it there. -->
# What is in dist

kscan needs no packages where it runs: all are in \`dist/index.js\`. \`dist/sbom.cdx.json\` lists them for programs (CycloneDX 1.6), \`dist/licenses.txt\` holds the text of each license. \`npm run build\` makes both from the
modules that the bundler took in, and fails for a package without a license, with one that asks for more than a copy of its text, or without that text.

Not in dist: the auditor's gems, which a run fetches and compares with the digests in [catalog.json](../src/auditor/catalog.json), and kind (see [kind.md](kind.md)).

## Asked for by kscan

| package | version | license | why |
| --- | --- | --- | --- |
${direct.map((each) => `| ${nameOf(each)} | ${each.version} | ${licenseOf(each)} | ${REASONS[nameOf(each)]} |`).join('\n')}

## Brought by those

| package | version | license | by |
| --- | --- | --- | --- |
${rest
  .map(
    (each) =>
      `| ${nameOf(each)} | ${each.version} | ${licenseOf(each)} | ${[...through]
        .filter(([, all]) => all.has(each['bom-ref']))
        .map(([name]) => name)
        .join(', ')} |`
  )
  .join('\n')}

## Known advisories

Looked up by hand on ${CHECKED}, in public threads about advisories, because the audit service of the package registry could not be asked. Each that was found is mended in the version that dist has; \`npm run tables\` fails for an older one.
For packages that are not in the table nothing was found, which is less than an audit would say: run \`npm audit\` where it works.

| package | in dist | advisory | mended in | what it is about |
| --- | --- | --- | --- | --- |
${ADVISORIES.map(([name, advisory, fixed, about]) => `| ${name} | ${versionsOf(bill, name).join(', ')} | ${advisory} | ${fixed} | ${about} |`).join('\n')}
`
}

const nameOf = ({ group, name }: Component): string => (group === undefined ? name : `${group}/${name}`)

const licenseOf = ({ licenses: [only] }: Component): string => ('expression' in only ? only.expression : only.license.id)

const needsOf = (bill: Bill, ref: string): readonly string[] => bill.dependencies.find((each) => each.ref === ref)?.dependsOn ?? []

const allNeeds = (bill: Bill, ref: string): ReadonlySet<string> => {
  const found = new Set(needsOf(bill, ref))
  for (const each of found) for (const next of needsOf(bill, each)) found.add(next)
  return found
}

const versionsOf = (bill: Bill, name: string): string[] => bill.components.filter((each) => nameOf(each) === name).map(({ version }) => version)

const demandSame = (shipped: readonly string[], told: readonly string[]): void => {
  const wrong = [...shipped.filter((name) => !told.includes(name)), ...told.filter((name) => !shipped.includes(name))]
  if (wrong.length > 0) throw new Error(`scripts/dependencies.ts says why we ship what we ship; it is wrong about ${wrong.join(', ')}`)
}

/** Of several lines that were mended, each version of ours is held against that of its own line. */
const demandMended = ({ bill, name, advisory, fixed }: { bill: Bill; name: string; advisory: string; fixed: readonly string[] }): void => {
  const versions = versionsOf(bill, name)
  const old = versions.filter((version) => {
    const line = fixed.length === 1 ? fixed[0] : fixed.find((each) => each.split('.')[0] === version.split('.')[0])
    return line === undefined || line.localeCompare(version, 'en', { numeric: true }) > 0
  })
  if (versions.length === 0 || old.length > 0) throw new Error(`${advisory}: dist has ${name} ${old.join(', ') || 'no more'}, mended in ${fixed.join(', ')}`)
}
