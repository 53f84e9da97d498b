import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'

/** The first executable file of that name; entries of PATH that are not absolute depend on where we stand, and are left out. */
export const findOnPath = async (name: string, path: string | undefined): Promise<string | undefined> => {
  for (const folder of (path ?? '').split(delimiter).filter(isAbsolute)) {
    const file = join(folder, name)
    if (await isProgram(file)) return file
  }
  return undefined
}

export const isProgram = async (file: string): Promise<boolean> => {
  try {
    await access(file, constants.X_OK)
    return (await stat(file)).isFile()
  } catch {
    return false
  }
}
