import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { tooLarge } from '../hdf/parse.ts'
import { RESULTS_BYTES } from '../kernel/results-size.ts'
import { badInput, messageOf, type Problem } from '../kernel/error.ts'
import { printableLine } from '../kernel/name.ts'
import { readAtMost, STDIN } from '../kernel/read-file.ts'

/** The word that stands for the standard input. */
export const DASH = '-'

/** The bytes of an HDF file. Throws BAD_INPUT for one that cannot be read, RESULTS_UNREADABLE for one that is too large. */
export const readHdf = (file: string): Uint8Array => {
  const bytes = readOrRefuse(file)
  if (bytes === undefined) throw tooLarge(file)
  return bytes
}

const readOrRefuse = (file: string): Uint8Array | undefined => {
  try {
    return readAtMost(file === DASH ? STDIN : file, RESULTS_BYTES)
  } catch (error) {
    throw badInput([unreadable(file, error)])
  }
}

/** What is wrong with a name, before the first file is read: the bytes of one are held at a time. */
export const nameProblem = (file: string): Problem[] => {
  try {
    if (file === DASH) return []
    accessSync(file, constants.R_OK)
    return statSync(file).isDirectory() ? [{ ...unreadable(file, 'a folder'), hint: `Name its files: ${printableLine(join(resultsIn(file), '*.json'))}` }] : []
  } catch (error) {
    return [unreadable(file, error)]
  }
}

/** Where a folder has results: of the reports of a scan below it. */
const resultsIn = (folder: string): string => (existsSync(join(folder, 'hdf')) ? join(folder, 'hdf') : folder)

/** Of a run.json in the place of results. */
export const onlyRecord = (file: string): Problem => ({
  name: printableLine(file),
  expected: 'at least one HDF file',
  got: 'a run.json only',
  hint: `It is kscan's record of a run; the results are ${printableLine(join(dirname(file), 'hdf', '*.json'))}`
})

const unreadable = (file: string, thrown: unknown): Problem => ({
  name: printableLine(file),
  expected: 'a readable file',
  got: printableLine(messageOf(thrown))
})
