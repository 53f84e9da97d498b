import { z } from 'zod'
import { type Disagreement, type House, jsonIn } from './house.ts'

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256, 64 digits of 0-9a-f')
const Image = z.string().regex(/^[^\s@]+@sha256:[0-9a-f]{64}$/, 'expected an image by its digest')

const noneTwice = (names: readonly string[]): boolean => new Set(names).size === names.length

/** The files that hold digests of what a run fetches. */
const CATALOGS: Readonly<Record<string, z.ZodType>> = {
  'src/auditor/catalog.json': z.looseObject({
    tree: Sha256,
    gems: z
      .array(z.looseObject({ name: z.string(), version: z.string().regex(/^\d/), sha256: Sha256 }))
      .min(1)
      .refine((gems) => noneTwice(gems.map(({ name }) => name)) && noneTwice(gems.map(({ sha256 }) => sha256)), 'a gem or a digest is there twice')
  }),
  'src/auditor/cinc/catalog.json': z
    .looseObject({
      version: z.string().regex(/^\d+\.\d+\.\d+$/),
      from: z.url({ protocol: /^https$/ }),
      packages: z.record(z.string(), z.looseObject({ path: z.string(), sha256: Sha256, bytes: z.int().positive().optional() }))
    })
    .refine(({ version, packages }) => Object.values(packages).every(({ path }) => path.startsWith(`${version}/`)), 'a package is of another version')
    .refine(({ packages }) => noneTwice(Object.values(packages).map(({ sha256 }) => sha256)), 'a digest is there twice'),
  'src/cluster/kind/catalog.json': z.looseObject({
    from: z.url({ protocol: /^https$/ }),
    programs: z.record(z.string(), Sha256).refine((programs) => noneTwice(Object.values(programs)), 'a digest is there twice'),
    nodes: z.record(z.string(), Image)
  })
}

/** What a run or a release fetches is named by its digest. */
export const digestDisagreements = (house: House): Disagreement[] => [...inCatalogs(house), ...inWorkflows(house)]

const inCatalogs = (house: House): Disagreement[] =>
  Object.entries(CATALOGS).flatMap(([file, shape]) => {
    const read = jsonIn(house, file, shape)
    if ('value' in read) return []
    return [{ topic: 'digest', where: file, expected: 'digests of all that is fetched', got: read.instead, remedy: 'Make it anew by its script in scripts/.' }]
  })

const inWorkflows = (house: House): Disagreement[] =>
  house.list('.github/workflows/*.yml').flatMap((file) =>
    unpinnedIn(house.read(file) ?? '').map((got): Disagreement => ({
      topic: 'digest',
      where: file,
      expected: 'each action by its commit, with the version as a comment',
      got,
      remedy: 'A tag can be moved.'
    }))
  )

/** Actions of other repositories that are not named by a commit, with the version beside it. */
export const unpinnedIn = (workflow: string): string[] =>
  [...workflow.matchAll(/^\s*(?:- )?uses:\s*(\S.*)$/gm)]
    .map(([, text = '']) => text.trim())
    .filter((text) => !text.startsWith('./') && !/^[\w.-]+(?:\/[\w.-]+)+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(text))
