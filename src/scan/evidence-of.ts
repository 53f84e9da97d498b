import type { Control, Results } from '../hdf/model.ts'
import type { Lack, Rest } from '../session/evidence.ts'
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

/** The controls that are known to rest on an answer, and whether all others may, too. */
export const restingOn = (results: Results, { controls, files, all }: Rest): { readonly all: boolean; readonly named: readonly Control[] } => {
  const ofFiles = [...files].map((path) => results.controls.filter(({ file }) => sameFile(path, file)))
  const byId = results.controls.filter(({ id }) => controls.has(id))
  return { all: all || ofFiles.some((ofFile) => ofFile.length === 0), named: [...new Set([...ofFiles.flat(), ...byId])] }
}

/** Which of the ids and expressions that were asked for match no control of the results: nothing says that such a control is well. */
export const unmatched = (results: Results, wanted: readonly string[]): string[] =>
  wanted.filter((word) => !results.controls.some(({ id }) => (word.startsWith('/') ? new RegExp(word.slice(1, -1)).test(id) : id === word)))

/** The auditor names a file in the profile in one place, and by its whole path in the other. */
const sameFile = (path: string, file: string): boolean => file !== '' && (path === file || path.endsWith(`/${file}`) || file.endsWith(`/${path}`))
