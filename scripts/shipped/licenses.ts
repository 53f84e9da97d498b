// What the licenses of the shipped packages demand: that they are known, and a copy of each.
import { idOf, type Shipped } from './packages.ts'

/** None of them asks for more than a copy of its text. */
const ACCEPTED = ['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT']

/** One line for each package that must not be shipped as it is. */
export const licenseProblems = (shipped: readonly Shipped[]): string[] =>
  shipped.flatMap((each) => {
    if (each.license === '') return [`${idOf(each)} declares no license`]
    const unknown = namesIn(each.license).filter((name) => !ACCEPTED.includes(name))
    if (unknown.length > 0) return [`${idOf(each)} has the license ${each.license}: expected ${ACCEPTED.join(', ')}`]
    return each.text === '' ? [`${idOf(each)} comes without the text of its license (${each.license}): put its repository's into scripts/shipped/texts`] : []
  })

/** `(Apache-2.0 AND BSD-3-Clause)` names two. Of alternatives all must be acceptable: simple, and no package offers others. */
const namesIn = (expression: string): string[] => expression.split(/[\s()]+|\bAND\b|\bOR\b/).filter((name) => name !== '')

/** The file that goes with the bundle. */
export const licensesText = (shipped: readonly Shipped[]): string =>
  shipped.map((each) => `${idOf(each)}\n${each.license}\n\n${each.text.replaceAll('\r\n', '\n')}\n`).join(`\n${'-'.repeat(80)}\n\n`)
