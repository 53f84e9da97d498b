// The files of a release. They need no network, and are the same bytes each time that the same Node and npm make them.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { templateText } from '../gitlab/template.ts'
import { readStamp, type Stamp } from '../gitlab/stamp.ts'
import { valuesOf } from '../input-values.ts'
import { archiveOf, entriesOf, type Entry } from './archive.ts'
import { imageBillOf } from './bill.ts'
import { notesOf, sectionsOf } from './check/changelog.ts'
import { namesOf, sha256Of } from './names.ts'

/** What is unpacked and run: by `uses: ./kscan` of a workflow, or by Node. */
const BUNDLE = ['action.yml', 'dist', 'LICENSE', 'README.md', 'CHANGELOG.md']
const TEMPLATE = 'templates/kscan.yml'

/** Where the files of a release lie, and what is put into its text. */
export const assetsOf = (out: string): string => join(out, 'assets')
export const notesAt = (out: string): string => join(out, 'notes.md')
/** The bills of materials by names without a version, for the workflow. */
const billAt = (out: string): string => join(out, 'bill.cdx.json')
const imageBillAt = (out: string): string => join(out, 'image-bill.cdx.json')

/** Makes all files of a release but the list of its images; the component is as the repository has it. */
export const makeFiles = (out: string, repository: string): void => {
  const { version } = readStamp()
  const names = namesOf(version)
  const assets = assetsOf(out)
  rmSync(assets, { recursive: true, force: true })
  mkdirSync(assets, { recursive: true })
  pack(assets)
  const bill = readFileSync('dist/sbom.cdx.json', 'utf8')
  writeFileSync(join(assets, names.bundle), archiveOf(BUNDLE.flatMap((path) => entriesOf('.', path, 'kscan/'))))
  writeFileSync(join(assets, names.component), archiveOf(entriesOf('gitlab', '.')))
  for (const file of [join(assets, names.bill), billAt(out)]) writeFileSync(file, bill)
  for (const file of [join(assets, names.imageBill), imageBillAt(out)]) writeFileSync(file, imageBillOf(bill))
  writeFileSync(notesAt(out), notesText(version, repository))
  writeSums(out)
}

/** Puts the digests of the release into its component, and says where its images are. */
export const fillIn = (out: string, images: Readonly<Record<string, string>>, url: (file: string) => string): void => {
  const { version, image } = readStamp()
  const names = namesOf(version)
  const assets = assetsOf(out)
  const digest = images[image]
  if (digest === undefined) throw new Error(`${image}: expected its digest, got those of ${Object.keys(images).join(', ') || 'no images'}`)
  const stamp: Stamp = {
    version,
    image: `${image}@${digest}`,
    bundle: { url: url(names.package), sha256: sha256Of(readFileSync(join(assets, names.package))) }
  }
  const filled: Entry = { path: TEMPLATE, bytes: Buffer.from(templateText(stamp, valuesOf)), executable: false }
  const others = entriesOf('gitlab', '.').filter(({ path }) => path !== TEMPLATE)
  writeFileSync(join(assets, names.component), archiveOf([...others, filled]))
  const lines = Object.entries(images).map(([name, sha]) => `${sha}  ${name}\n`)
  writeFileSync(join(assets, names.images), lines.toSorted().join(''))
  writeSums(out)
}

/** In npm's own form, with the Node that runs this. */
const pack = (assets: string): void => {
  const PATH = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`
  const args = ['pack', '--silent', '--offline', '--ignore-scripts', '--pack-destination', assets]
  execFileSync('npm', args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, PATH, npm_config_update_notifier: 'false' } })
}

/** As sha256sum writes and checks it. */
const writeSums = (out: string): void => {
  const assets = assetsOf(out)
  const { sums } = namesOf(readStamp().version)
  const files = readdirSync(assets).filter((file) => file !== sums)
  const lines = files.toSorted().map((file) => `${sha256Of(readFileSync(join(assets, file)))}  ${file}\n`)
  writeFileSync(join(assets, sums), lines.join(''))
}

/** Of the section of this version; before there is one, of what waits. */
const notesText = (version: string, repository: string): string => {
  const changelog = readFileSync('CHANGELOG.md', 'utf8')
  const waiting = sectionsOf(changelog).find(({ name }) => name === 'Unreleased')?.text ?? ''
  const text = notesOf(changelog, version) ?? `Not released: CHANGELOG.md has no section of ${version} yet.\n\n${waiting}`
  return `${text}\n\n## Verify\n\n\`\`\`sh\nsha256sum --check --ignore-missing SHA256SUMS\ngh attestation verify ${namesOf(version).package} --repo ${repository}\n\`\`\`\n`
}
