/*
 * What release.yml does, step by step: npm run release -- STEP [--out FOLDER] [--dry-run]
 *   may     refuses a tree, a tag or a commit that is no release
 *   files   packages, bundle, component, bills of materials, notes, SHA256SUMS (no network)
 *   bases   digests of the images' bases
 *   image ARCHITECTURE   builds and pushes the images for one architecture
 *   images  gives them one name, and puts their digests into the component
 *   publish draft, files, publication, moving tag
 * With --dry-run and no step: all of them; files are made, and what would reach the network is said.
 */
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { quickDisagreements } from './check.ts'
import { artifactDisagreements } from './check/artifacts.ts'
import { type Disagreement, houseAt, told } from './check/house.ts'
import { madeDisagreements } from './check/made.ts'
import { runDisagreements } from './check/run.ts'
import { assetsOf, fillIn, makeFiles, notesAt } from './files.ts'
import { gitHub } from './github.ts'
import { ARCHITECTURES, buildImages, findBases, imagesOf, nameImages, repositoryOf } from './images.ts'
import { needed, type Outside, outside } from './outside.ts'
import { publish } from './publish.ts'
import { readStamp } from '../gitlab/stamp.ts'

const REHEARSED = 'org/kscan-action'

const refuse = (found: readonly Disagreement[]): void => {
  if (found.length > 0) throw new Error(`This is no release:\n${found.map((each) => `✗ ${told(each)}`).join('\n')}`)
}

const may = async (there: Outside): Promise<void> => {
  const house = houseAt(process.cwd())
  const tag = there.env['GITHUB_REF_NAME'] ?? ''
  refuse([...runDisagreements(house, there.env), ...quickDisagreements(house, tag), ...(await madeDisagreements(house))])
  there.say(`${tag} may be released`)
}

const addressOf = (there: Outside): ((file: string) => string) => {
  const server = needed(there, 'GITHUB_SERVER_URL', 'https://github.com')
  const repository = needed(there, 'GITHUB_REPOSITORY', REHEARSED)
  return (file) => `${server}/${repository}/releases/download/v${readStamp().version}/${file}`
}

const put = async (out: string, there: Outside): Promise<void> => {
  const { version } = readStamp()
  if (there.rehearsal) {
    const files = readdirSync(assetsOf(out)).toSorted()
    there.say(`would publish v${version} with the text of ${notesAt(out)} and ${files.join(', ')}; then would move v${version.split('.')[0]}`)
    return
  }
  refuse(artifactDisagreements(houseAt(process.cwd()), assetsOf(out)))
  const api = needed(there, 'GITHUB_API_URL', '')
  const repository = needed(there, 'GITHUB_REPOSITORY', '')
  const github = gitHub({ api, repository, token: needed(there, 'GITHUB_TOKEN', '') })
  await publish(github, { version, commit: needed(there, 'GITHUB_SHA', ''), out, say: there.say })
}

const architectureOf = (text: string | undefined): (typeof ARCHITECTURES)[number] => {
  const found = ARCHITECTURES.find((each) => each === text)
  if (found === undefined) throw new Error(`image: expected ${ARCHITECTURES.join(' or ')}, got ${text ?? 'nothing'}`)
  return found
}

/** Outputs of the step, by which the next job signs. */
const tellWorkflow = (digests: Readonly<Record<string, string>>, there: Outside): void => {
  const file = needed(there, 'GITHUB_OUTPUT', '')
  const [job, toolbox] = imagesOf(readStamp().image)
  const lines = Object.entries({ job, toolbox }).map(([what, image]) => {
    const name = image?.name ?? ''
    return `${what}-name=${repositoryOf(name)}\n${what}-digest=${digests[name] ?? ''}\n`
  })
  appendFileSync(file, lines.join(''))
}

const STEPS: Readonly<Record<string, (out: string, there: Outside, more: readonly string[]) => Promise<void> | void>> = {
  may: async (_out, there) => await may(there),
  files: (out, there) => makeFiles(out, needed(there, 'GITHUB_REPOSITORY', REHEARSED)),
  bases: (out, there) => findBases(out, there),
  image: (out, there, [architecture]) => buildImages(out, architectureOf(architecture), there),
  images: (out, there) => {
    const digests = nameImages(out, there)
    if (there.rehearsal) return
    fillIn(out, digests, addressOf(there))
    tellWorkflow(digests, there)
  },
  publish: async (out, there) => await put(out, there)
}

const rehearse = async (out: string, there: Outside): Promise<void> => {
  makeFiles(out, REHEARSED)
  const noImages = mkdtempSync(join(tmpdir(), 'kscan-rehearsal-'))
  try {
    findBases(noImages, there)
    for (const architecture of ARCHITECTURES) buildImages(noImages, architecture, there)
    nameImages(noImages, there)
  } finally {
    rmSync(noImages, { recursive: true, force: true })
  }
  await put(out, there)
}

const main = async (): Promise<void> => {
  const { values, positionals } = parseArgs({
    options: { out: { type: 'string', default: 'release' }, 'dry-run': { type: 'boolean', default: false } },
    allowPositionals: true
  })
  const [name, ...more] = positionals
  const there = outside(values['dry-run'], process.env, (text) => console.log(text))
  const step = name === undefined ? undefined : STEPS[name]
  if (step !== undefined) return await step(values.out, there, more)
  if (name === undefined && values['dry-run']) return await rehearse(values.out, there)
  throw new Error(`expected a step: ${Object.keys(STEPS).join(', ')}; or --dry-run for all of them. Got ${name ?? 'none'}.`)
}

try {
  await main()
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 1
}
