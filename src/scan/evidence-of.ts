import type { Results } from '../hdf/model.ts'
import type { Lack } from '../session/evidence.ts'
import type { Unjudged } from '../verdict/model.ts'

/** Joins what commands could not see to the controls that asked: by id, or by the profile file whose own code asked for all of its controls. */
export const unjudgedOf = (results: Results, lacks: readonly Lack[]): Unjudged[] =>
  lacks.flatMap(({ command, reason, controls, files }) => {
    const asked = results.controls.filter(({ id, file }) => controls.has(id) || [...files].some((path) => sameFile(path, file)))
    return asked.map(({ id }) => ({ control: id, reason, command }))
  })

/** The auditor names a file in the profile in one place, and by its whole path in the other. */
const sameFile = (path: string, file: string): boolean => file !== '' && (path === file || path.endsWith(`/${file}`) || file.endsWith(`/${path}`))
