import { type Disagreement, type House, versionOf } from './house.ts'

const FILE = 'CHANGELOG.md'

interface Section {
  /** `Unreleased` or a version. */
  readonly name: string
  readonly date: string | undefined
  readonly text: string
}

/** Sections of a changelog, as they stand below each other. */
export const sectionsOf = (changelog: string): Section[] =>
  changelog
    .split(/^## /m)
    .slice(1)
    .map((part) => {
      const [head = '', ...lines] = part.split('\n')
      const [, name = head.trim(), date] = /^\[([^\]]+)\](?: - (\S+))?\s*$/.exec(head) ?? []
      return { name, date, text: lines.join('\n').trim() }
    })

/** What a release says of itself. Undefined where the changelog has no section of it. */
export const notesOf = (changelog: string, version: string): string | undefined => sectionsOf(changelog).find(({ name }) => name === version)?.text

const isDay = (text: string | undefined): boolean => {
  if (text === undefined || !/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)
}

/** A section of the version with its day and something in it, and nothing that waits for the next one. */
export const changelogDisagreements = (house: House): Disagreement[] => {
  const version = versionOf(house)
  const wrong = (expected: string, got: string, remedy: string): Disagreement => ({ topic: 'changelog', where: FILE, expected, got, remedy })
  const sections = sectionsOf(house.read(FILE) ?? '')
  const of = sections.filter(({ name }) => name === version)
  const waiting = sections.find(({ name }) => name === 'Unreleased')
  const heading = `the heading "## [${version}] - YYYY-MM-DD"`
  const [only] = of
  if (only === undefined) return [wrong(heading, 'none', 'Give what is below [Unreleased] this heading, with an empty [Unreleased] above it.')]
  return [
    ...(of.length > 1 ? [wrong(`one section [${version}]`, String(of.length), 'Make one of them.')] : []),
    ...(isDay(only.date) ? [] : [wrong(heading, only.date === undefined ? 'no day' : `the day ${only.date}`, 'Write the day of the release.')]),
    ...(only.text === '' ? [wrong(`what is new in ${version}`, 'an empty section', 'The notes of a release are made of it.')] : []),
    ...(waiting === undefined || waiting.text === ''
      ? []
      : [wrong('nothing below [Unreleased]', 'entries', `Move them to [${version}], or count the version up.`)])
  ]
}
