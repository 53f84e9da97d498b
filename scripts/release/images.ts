// The two images of a release: the job's, and the toolbox. Each is built on a machine of each architecture and pushed by its digest; then both get one name.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { readStamp } from '../gitlab/stamp.ts'
import type { Outside } from './outside.ts'

interface Image {
  /** With its tag. */
  readonly name: string
  readonly dockerfile: string
  readonly context: string
}

export const ARCHITECTURES = ['amd64', 'arm64'] as const
export type Architecture = (typeof ARCHITECTURES)[number]

export const imagesOf = (stamped: string): readonly Image[] => [
  { name: stamped, dockerfile: 'image/Dockerfile', context: '.' },
  { name: stamped.replace(/:[^:]*$/, '-toolbox$&'), dockerfile: 'toolbox/Dockerfile', context: 'toolbox' }
]

const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/)
const Digests = z.record(z.string(), Digest)
const Metadata = z.looseObject({ 'containerimage.digest': Digest })
type Digests = z.infer<typeof Digests>

/** Without its tag; a registry may have a port. */
export const repositoryOf = (name: string): string => name.slice(0, name.lastIndexOf(':'))

const images = (): readonly Image[] => imagesOf(readStamp().image)

/** The bases that a Dockerfile names by a tag: `ARG BASE=debian:13-slim`. */
const basesIn = (dockerfile: string): [argument: string, image: string][] =>
  [...readFileSync(dockerfile, 'utf8').matchAll(/^ARG (\w+)=(\S+:\S+)$/gm)].map(([, argument = '', image = '']) => [argument, image])

const basesAt = (out: string): string => join(out, 'bases.json')
const imagesAt = (out: string): string => join(out, 'images')
/** Of a rehearsal, which has none. */
const NO_DIGEST = `sha256:${'0'.repeat(64)}`

/** Looks the bases up once, so that all architectures are built on the same. */
export const findBases = (out: string, outside: Outside): void => {
  const names = new Set(images().flatMap(({ dockerfile }) => basesIn(dockerfile).map(([, image]) => image)))
  const digests = Object.fromEntries([...names].map((name) => [name, digestOf(name, outside)]))
  mkdirSync(out, { recursive: true })
  writeFileSync(basesAt(out), `${JSON.stringify(digests, null, 2)}\n`)
}

const digestOf = (name: string, { run, rehearsal }: Outside): string => {
  const answer = run('docker', ['buildx', 'imagetools', 'inspect', name, '--format', '{{.Manifest.Digest}}']).trim()
  return Digest.parse(rehearsal ? NO_DIGEST : answer)
}

/** Builds and pushes both images for one architecture, which is this machine's. */
export const buildImages = (out: string, architecture: Architecture, outside: Outside): void => {
  const bases = Digests.parse(JSON.parse(readFileSync(basesAt(out), 'utf8')))
  const folder = mkdtempSync(join(tmpdir(), 'kscan-images-'))
  try {
    const digests = Object.fromEntries(images().map((image) => [image.name, build(image, { bases, folder, architecture, outside })]))
    mkdirSync(imagesAt(out), { recursive: true })
    writeFileSync(join(imagesAt(out), `${architecture}.json`), `${JSON.stringify(digests, null, 2)}\n`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Build {
  readonly bases: Digests
  readonly folder: string
  readonly architecture: Architecture
  readonly outside: Outside
}

const build = ({ name, dockerfile, context }: Image, { bases, folder, architecture, outside }: Build): string => {
  const repository = repositoryOf(name)
  const own = { VERSION: readStamp().version, REVISION: outside.env['GITHUB_SHA'] ?? '' }
  const text = readFileSync(dockerfile, 'utf8')
  const given = [
    ...basesIn(dockerfile).map(([argument, image]) => `${argument}=${image}@${pinned(bases, image)}`),
    ...Object.entries(own).flatMap(([argument, value]) => (text.includes(`ARG ${argument}=`) ? [`${argument}=${value}`] : []))
  ]
  const metadata = join(folder, 'metadata.json')
  outside.run('docker', [
    'buildx',
    'build',
    `--platform=linux/${architecture}`,
    `--file=${dockerfile}`,
    ...given.map((each) => `--build-arg=${each}`),
    '--provenance=mode=max',
    '--sbom=true',
    `--metadata-file=${metadata}`,
    `--output=type=image,name=${repository},push-by-digest=true,name-canonical=true,push=true`,
    context
  ])
  return outside.rehearsal ? NO_DIGEST : Metadata.parse(JSON.parse(readFileSync(metadata, 'utf8')))['containerimage.digest']
}

const pinned = (bases: Digests, image: string): string => {
  const digest = bases[image]
  if (digest === undefined) throw new Error(`${image}: expected its digest among the bases, got none. Run the step "bases" first.`)
  return digest
}

/** Gives what was built for all architectures one name, and says the digest of that. */
export const nameImages = (out: string, outside: Outside): Digests => {
  const built = readdirSync(imagesAt(out))
    .toSorted()
    .map((file) => Digests.parse(JSON.parse(readFileSync(join(imagesAt(out), file), 'utf8'))))
  if (built.length !== ARCHITECTURES.length) throw new Error(`expected images for ${ARCHITECTURES.join(' and ')}, got ${built.length} of them`)
  return Object.fromEntries(
    images().map(({ name }) => {
      const repository = repositoryOf(name)
      outside.run('docker', ['buildx', 'imagetools', 'create', `--tag=${name}`, ...built.map((each) => `${repository}@${pinned(each, name)}`)])
      return [name, digestOf(name, outside)]
    })
  )
}
