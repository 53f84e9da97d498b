import type { Control, Results } from '../hdf/model.ts'
import type { Askers, Lack, Rest } from '../session/evidence.ts'
import type { Unjudged } from '../verdict/model.ts'

/**
 * Joins what commands could not see to the controls that asked: by id, or by the file whose own code asked for all of its controls. What a library or nobody
 * in particular asked for counts for every control: each may rest on it.
 */
export const unjudgedOf = (results: Results, lacks: readonly Lack[]): Unjudged[] =>
  lacks.flatMap(({ command, reason, ...rest }) => {
    const { all, named } = restingOn(results, rest)
    return (all ? results.controls : named).map(({ id }) => ({ control: id, reason: reason.text, cause: reason.cause, lost: reason.lost, command }))
  })

/** What this machine answered in place of the container, and counts; one sentence for each cause. */
export const acceptedOf = (results: Results, allowed: readonly Lack[]): string[] => {
  const byCause = Map.groupBy(unjudgedOf(results, allowed), ({ cause }) => cause)
  return [...byCause].map(([cause, entries]) => {
    const controls = [...new Set(entries.map(({ control }) => control))]
    const more = controls.length > SHOWN ? ` and ${controls.length - SHOWN} more` : ''
    return `the runner answered, not the container: ${controls.slice(0, SHOWN).join(', ')}${more} (runner-resources accepts it: ${cause})`
  })
}

const SHOWN = 20

/** The controls that are known to rest on an answer, and whether all others may, too. */
interface Resting {
  readonly all: boolean
  readonly named: readonly Control[]
}

export const restingOn = (results: Results, { skipped, all, ...askers }: Rest): Resting => {
  const sure = askersIn(results, askers)
  const unless = askersIn(results, skipped)
  return { all: all || sure.all || unless.all, named: [...new Set([...sure.named, ...unless.named.filter(({ unmet }) => !unmet)])] }
}

const askersIn = (results: Results, { controls, files }: Askers): Resting => {
  const ofFiles = [...files].map((path) => results.controls.filter(({ file }) => sameFile(path, file)))
  const byId = results.controls.filter(({ id }) => controls.has(id))
  return { all: ofFiles.some((ofFile) => ofFile.length === 0), named: [...ofFiles.flat(), ...byId] }
}

/** Which of the ids and expressions that were asked for match no control of the results: nothing says that such a control is well. */
export const unmatched = (results: Results, wanted: readonly string[]): string[] =>
  wanted.filter((word) => !results.controls.some(({ id }) => (word.startsWith('/') ? new RegExp(word.slice(1, -1)).test(id) : id === word)))

/** The auditor names a file in the profile in one place, and by its whole path in the other. */
const sameFile = (path: string, file: string): boolean => file !== '' && (path === file || path.endsWith(`/${file}`) || file.endsWith(`/${path}`))
