import { parse } from 'yaml'
import { z } from 'zod'
import { type Disagreement, type House, jsonIn, versionOf } from './house.ts'

const Lock = z.looseObject({ version: z.string(), packages: z.looseObject({ '': z.looseObject({ version: z.string() }) }) })
const Bill = z.looseObject({ metadata: z.looseObject({ component: z.looseObject({ version: z.string() }) }) })
const Stamp = z.looseObject({ version: z.string(), image: z.string(), bundle: z.looseObject({ url: z.string() }) })

/** Documents that name the version, or the tag of the action. */
const DOCUMENTS = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'gitlab/README.md', 'docs/**/*.md', 'examples/**/*.{yml,yaml,md}']

/** How they do: the package, the job's image, the component. */
const NAMED = [/\bkscan-(\d+\.\d+\.\d+)\.tgz/g, /\borg\/kscan:(\d+\.\d+\.\d+)/g, /\bkscan\/kscan@(\d+\.\d+\.\d+)/g]
const ACTION = /\borg\/kscan-action(?:@|\/)(v\d[\w.]*)/g

/** Each place that has a version of its own, against package.json's. */
export const versionDisagreements = (house: House): Disagreement[] => {
  const version = versionOf(house)
  if (!/^\d+\.\d+\.\d+$/.test(version))
    return [{ topic: 'version', where: 'package.json', expected: 'a version such as 1.2.3', got: version || 'none', remedy: 'All others follow it.' }]
  const places = [...fromSource(house), ...fromJson(house), ...fromTemplate(house)]
  const wrong = places
    .filter(({ got }) => got !== version)
    .map(({ where, got, remedy }): Disagreement => ({ topic: 'version', where, expected: version, got, remedy }))
  return [...wrong, ...inDocuments(house, version)]
}

interface Place {
  readonly where: string
  readonly got: string
  readonly remedy: string
}

const place = (where: string, got: string | undefined, remedy: string): Place => ({ where, got: got ?? 'none', remedy })

const fromSource = (house: House): Place[] => {
  const [, got] = /^export const VERSION = '([^']*)'$/m.exec(house.read('src/version.ts') ?? '') ?? []
  return [place('src/version.ts', got, "Write package.json's version there, and run npm run build.")]
}

const fromJson = (house: House): Place[] => {
  const lock = jsonIn(house, 'package-lock.json', Lock)
  const bill = jsonIn(house, 'dist/sbom.cdx.json', Bill)
  const stamp = jsonIn(house, 'scripts/gitlab/stamp.json', Stamp)
  const install = 'Run npm install --package-lock-only.'
  const build = 'Run npm run build.'
  const stamped = 'Write it there, and run npm run tables.'
  return [
    ...('value' in lock
      ? [place('package-lock.json', lock.value.version, install), place('package-lock.json, packages', lock.value.packages[''].version, install)]
      : [place('package-lock.json', lock.instead, install)]),
    'value' in bill ? place('dist/sbom.cdx.json', bill.value.metadata.component.version, build) : place('dist/sbom.cdx.json', bill.instead, build),
    ...('value' in stamp ? fromStamp(stamp.value, stamped) : [place('scripts/gitlab/stamp.json', stamp.instead, stamped)])
  ]
}

const fromStamp = ({ version, image, bundle }: z.infer<typeof Stamp>, remedy: string): Place[] => {
  const where = 'scripts/gitlab/stamp.json'
  const [, released] = /\/v([^/]+)\/[^/]*$/.exec(bundle.url) ?? []
  return [
    place(`${where}, version`, version, remedy),
    place(`${where}, image`, /:([^:@]+)(?:@|$)/.exec(image)?.[1], remedy),
    ...(bundle.url === '' ? [] : [place(`${where}, bundle`, released, remedy)])
  ]
}

const FromTemplate = z.looseObject({ spec: z.looseObject({ inputs: z.looseObject({ image: z.looseObject({ default: z.string() }) }) }) })

/** What a release has filled into the component, or will. */
const fromTemplate = (house: House): Place[] => {
  const file = 'gitlab/templates/kscan.yml'
  const text = house.read(file) ?? ''
  const [head = ''] = text.split(/^---$/m)
  const parsed = FromTemplate.safeParse(parse(head))
  const image = parsed.success ? /:([^:@]+)(?:@|$)/.exec(parsed.data.spec.inputs.image.default)?.[1] : undefined
  const [, component] = /^ +KSCAN_JOB_COMPONENT: "?([\w.]+)"?$/m.exec(text) ?? []
  const remedy = 'Run npm run tables.'
  return [place(`${file}, image`, image, remedy), place(`${file}, KSCAN_JOB_COMPONENT`, component, remedy)]
}

const inDocuments = (house: House, version: string): Disagreement[] => {
  const tag = `v${version.split('.')[0] ?? ''}`
  return house.list(...DOCUMENTS).flatMap((file) => {
    const text = house.read(file) ?? ''
    const old = [...new Set(NAMED.flatMap((pattern) => [...text.matchAll(pattern)].map(([whole, named = '']) => (named === version ? '' : whole))))]
    const tags = [...new Set([...text.matchAll(ACTION)].map(([, named = '']) => named))]
    const remedy = 'A reader would not find what is named: change it to the version of this release.'
    return [
      ...old.filter((whole) => whole !== '').map((got): Disagreement => ({ topic: 'version', where: file, expected: version, got, remedy })),
      ...tags
        .filter((named) => named !== tag && named !== `v${version}`)
        .map((got): Disagreement => ({ topic: 'action-tag', where: file, expected: `the tag ${tag}, which this version moves`, got, remedy }))
    ]
  })
}
