import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { buildImages, findBases, imagesOf, nameImages } from '../../../scripts/release/images.ts'
import { type Outside, outside } from '../../../scripts/release/outside.ts'
import { DOCKER } from '../../support/release/docker.ts'

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`

let folder: string
let said: string[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kscan-release-images-'))
  writeFileSync(join(folder, 'docker'), DOCKER, { mode: 0o755 })
  said = []
})
afterEach(() => rmSync(folder, { recursive: true }))

const say = (text: string): void => void said.push(text)
const there = (more: Record<string, string> = {}): Outside =>
  outside(false, { PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`, ASKED: join(folder, 'asked'), GITHUB_SHA: 'c0ffee', ...more }, say)
const asked = (): string[][] =>
  readFileSync(join(folder, 'asked'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as string[])
const json = (file: string): Record<string, string> => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, string>

test('the images of a release', () => {
  expect(imagesOf('registry.example:5000/org/kscan:1.2.3').map(({ name }) => name)).toEqual([
    'registry.example:5000/org/kscan:1.2.3',
    'registry.example:5000/org/kscan-toolbox:1.2.3'
  ])
})

test('are built on bases by digest for each architecture, pushed by digest, and named together', () => {
  findBases(folder, there())
  expect(Object.keys(json('bases.json')).toSorted()).toEqual(['debian:12-slim', 'debian:13-slim', 'node:24-trixie-slim'])
  buildImages(folder, 'amd64', there())
  buildImages(folder, 'arm64', there())
  const named = nameImages(folder, there())
  const builds = asked().filter(([, verb]) => verb === 'build')
  expect(builds.map((args) => [args[2], args[3], args.at(-1)])).toEqual([
    ['--platform=linux/amd64', '--file=image/Dockerfile', '.'],
    ['--platform=linux/amd64', '--file=toolbox/Dockerfile', 'toolbox'],
    ['--platform=linux/arm64', '--file=image/Dockerfile', '.'],
    ['--platform=linux/arm64', '--file=toolbox/Dockerfile', 'toolbox']
  ])
  for (const args of builds)
    expect(args).toEqual(expect.arrayContaining([expect.stringMatching(/^--build-arg=BASE=debian:1[23]-slim@sha256:[0-9a-f]{64}$/), '--sbom=true']))
  expect(builds[0]).toEqual(expect.arrayContaining(['--build-arg=REVISION=c0ffee', expect.stringMatching(/^--build-arg=NODE=node:24-trixie-slim@sha256:/)]))
  const [job = ''] = Object.keys(named)
  const [repository] = job.split(':')
  const create = asked().find(([, , verb]) => verb === 'create')
  expect(create).toEqual([
    'buildx',
    'imagetools',
    'create',
    `--tag=${job}`,
    `${repository}@${json('images/amd64.json')[job]}`,
    `${repository}@${json('images/arm64.json')[job]}`
  ])
  expect(named).toEqual({ [job]: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), [job.replace(':', '-toolbox:')]: expect.stringMatching(/^sha256:/) })
})

test.each<[string, () => void, string]>([
  ['a base that is not found', () => findBases(folder, there({ FAILS: 'debian:13-slim' })), 'docker'],
  ['an answer that is no digest', () => findBases(folder, there({ SAYS: 'latest' })), 'sha256'],
  [
    'a base that was not looked up',
    () => (writeFileSync(join(folder, 'bases.json'), '{}'), buildImages(folder, 'amd64', there())),
    'Run the step "bases" first'
  ],
  [
    'an architecture that is missing',
    () => (findBases(folder, there()), buildImages(folder, 'amd64', there()), nameImages(folder, there())),
    'amd64 and arm64, got 1'
  ]
])('nothing is named with %s', (_what, act, message) => {
  expect(act).toThrow(message)
})

test('a rehearsal says what it would start, and starts nothing', () => {
  const rehearsal = outside(true, {}, say)
  findBases(folder, rehearsal)
  expect([said[0], json('bases.json')['debian:13-slim']]).toEqual([
    'would run: docker buildx imagetools inspect debian:13-slim --format {{.Manifest.Digest}}',
    digest('0')
  ])
  expect(() => asked()).toThrow('ENOENT')
})
