import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { namesOf, sha256Of } from '../names.ts'
import { type Disagreement, versionOf, type House } from './house.ts'

/** The files of a release against their list and against each other. */
export const artifactDisagreements = (house: House, folder: string): Disagreement[] => {
  const names = namesOf(versionOf(house))
  const present = readdirSync(folder).filter((file) => file !== names.sums)
  const listed = new Map(
    readText(folder, names.sums)
      .split('\n')
      .flatMap((line) => sumOf(line))
  )
  const wrong = (where: string, expected: string, got: string): Disagreement => ({
    topic: 'artifact',
    where,
    expected,
    got,
    remedy: 'Make the files of the release again, all of them.'
  })
  const missing = names.all.filter((file) => !present.includes(file)).map((file) => wrong(file, 'a file of the release', 'none'))
  const differing = [...new Set([...present, ...listed.keys()])].flatMap((file) => {
    const expected = listed.get(file)
    const got = present.includes(file) ? sha256Of(readFileSync(join(folder, file))) : 'no file'
    return expected === got ? [] : [wrong(file, expected === undefined ? `a line in ${names.sums}` : `SHA-256 ${expected}`, got)]
  })
  return [...missing, ...differing, ...(missing.length > 0 ? [] : stampDisagreements(folder, names, wrong))]
}

const readText = (folder: string, file: string): string => {
  try {
    return readFileSync(join(folder, file), 'utf8')
  } catch {
    return ''
  }
}

const sumOf = (line: string): [string, string][] => {
  const [, sum, file] = /^([0-9a-f]{64}) {2}(\S+)$/.exec(line) ?? []
  return sum === undefined || file === undefined ? [] : [[file, sum]]
}

const Filled = z.looseObject({ default: z.string() })
const Template = z.looseObject({ spec: z.looseObject({ inputs: z.looseObject({ image: Filled, 'bundle-url': Filled, 'bundle-sha256': Filled }) }) })

/** What the component of a release fetches is what the release holds. */
const stampDisagreements = (
  folder: string,
  names: ReturnType<typeof namesOf>,
  wrong: (where: string, expected: string, got: string) => Disagreement
): Disagreement[] => {
  const text = execFileSync('tar', ['-xzOf', join(folder, names.component), 'templates/kscan.yml'], { encoding: 'utf8' })
  const { image, 'bundle-url': url, 'bundle-sha256': sha256 } = Template.parse(parse(text.split(/^---$/m)[0] ?? '')).spec.inputs
  const images = readText(folder, names.images).split('\n')
  const bundle = sha256Of(readFileSync(join(folder, names.package)))
  const [name = '', digest = 'no digest'] = image.default.split('@')
  return [
    ...(images.includes(`${digest}  ${name}`) ? [] : [wrong(`${names.component}, image`, `an image of ${names.images}`, image.default)]),
    ...(sha256.default === bundle ? [] : [wrong(`${names.component}, bundle-sha256`, bundle, sha256.default || 'none')]),
    ...(url.default.endsWith(`/${names.package}`) ? [] : [wrong(`${names.component}, bundle-url`, `the address of ${names.package}`, url.default || 'none')])
  ]
}
