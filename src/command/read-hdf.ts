import { accessSync, constants, statSync } from 'node:fs'
import { join } from 'node:path'
import { LARGEST_BYTES, tooLarge } from '../hdf/parse.ts'
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
    return readAtMost(file === DASH ? STDIN : file, LARGEST_BYTES)
  } catch (error) {
    throw badInput([unreadable(file, error)])
  }
}

/** What is wrong with a name, before the first file is read: the bytes of one are held at a time. */
export const nameProblem = (file: string): Problem[] => {
  try {
    if (file === DASH) return []
    accessSync(file, constants.R_OK)
    return statSync(file).isDirectory()
      ? [{ ...unreadable(file, 'a folder'), hint: `Name its files, for example ${printableLine(join(file, '*.json'))}.` }]
      : []
  } catch (error) {
    return [unreadable(file, error)]
  }
}

const unreadable = (file: string, thrown: unknown): Problem => ({
  name: printableLine(file),
  expected: 'a readable file',
  got: printableLine(messageOf(thrown))
})
