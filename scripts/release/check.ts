/*
 * Whether this tree may be released: npm run release:check -- [--tag vX.Y.Z] [--artifacts FOLDER] [--known]
 * Says each disagreement, and fails for any. With --known: fails unless there is none, or exactly those of check/known.ts; that is no leave to release.
 */
import { parseArgs } from 'node:util'
import { artifactDisagreements } from './check/artifacts.ts'
import { changelogDisagreements } from './check/changelog.ts'
import { digestDisagreements } from './check/digests.ts'
import { type Disagreement, type House, houseAt, told, versionOf } from './check/house.ts'
import { KNOWN } from './check/known.ts'
import { madeDisagreements } from './check/made.ts'
import { versionDisagreements } from './check/versions.ts'

/** All but those that take a build. */
export const quickDisagreements = (house: House, tag?: string): Disagreement[] => [
  ...tagDisagreements(house, tag),
  ...versionDisagreements(house),
  ...changelogDisagreements(house),
  ...digestDisagreements(house)
]

const tagDisagreements = (house: House, tag: string | undefined): Disagreement[] => {
  const expected = `v${versionOf(house)}`
  if (tag === undefined || tag === expected) return []
  return [
    { topic: 'tag', where: 'the tag', expected: `${expected}, for the version of package.json`, got: tag, remedy: 'Tag the commit that has the version.' }
  ]
}

/** Whether what disagrees is nothing, or exactly what is known to; what to say of it. */
export const againstKnown = (
  found: readonly Disagreement[],
  known: Readonly<Record<string, string>>
): { readonly passed: boolean; readonly lines: string[] } => {
  const topics = new Set<string>(found.map(({ topic }) => topic))
  const unknown = found.filter(({ topic }) => !Object.hasOwn(known, topic))
  const gone = found.length === 0 ? [] : Object.keys(known).filter((topic) => !topics.has(topic))
  const lines = [
    ...unknown.map((each) => `✗ ${told(each)}`),
    ...gone.map((topic) => `✗ ${topic}: known to disagree, and does not any more. Take it out of scripts/release/check/known.ts.`),
    ...Object.entries(known).flatMap(([topic, why]) => (topics.has(topic) ? [`· known: ${why}`] : []))
  ]
  return { passed: unknown.length === 0 && gone.length === 0, lines }
}

const main = async (): Promise<boolean> => {
  const { values } = parseArgs({ options: { tag: { type: 'string' }, artifacts: { type: 'string' }, known: { type: 'boolean', default: false } } })
  const house = houseAt(process.cwd())
  const artifacts = values.artifacts === undefined ? [] : artifactDisagreements(house, values.artifacts)
  const found = [...quickDisagreements(house, values.tag), ...(await madeDisagreements(house)), ...artifacts]
  const may = found.length === 0 ? `${versionOf(house)} may be released` : `${versionOf(house)} may not be released: ${found.length} disagreements`
  if (!values.known) {
    for (const each of found) console.error(`✗ ${told(each)}`)
    console.log(may)
    return found.length === 0
  }
  const { passed, lines } = againstKnown(found, KNOWN)
  for (const line of lines) console.error(line)
  console.log(`${may}${passed && found.length > 0 ? ', all of them known' : ''}`)
  return passed
}

if (import.meta.main) process.exitCode = (await main()) ? 0 : 1
