import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileName } from '../report/formats.ts'
import { readRun, type RunAt } from './read-run.ts'

const ELSEWHERE = 'It tells what the controls could not see. Move the HDF files elsewhere to have them judged without it.'

/**
 * Finds the runs that HDF files are of, reading each once: every run.json in the file's own folder and, where that is called `hdf`, in the one around it, in any case of
 * letters as archives and file systems leave it; a link is where it leads to. `given` is one of all files. Throws RESULTS_UNREADABLE for a run.json that cannot be read.
 */
export const runsBeside = (given?: string): ((file: string | undefined) => RunAt[]) => {
  const runs = new Map<string, RunAt>()
  const read = (path: string): RunAt => {
    const run = runs.get(path) ?? { path, ...readRun(path, ELSEWHERE).run }
    runs.set(path, run)
    return run
  }
  return (file) => {
    const folder = file === undefined || !statSync(file).isFile() ? undefined : dirname(realpathSync(file)) // a pipe is in no folder
    const beside = folder === undefined ? [] : [...namedIn(folder, 'run.json'), ...(isHdf(folder) ? namedIn(dirname(folder), 'run.json') : [])]
    return [...new Set([...(given === undefined ? [] : [realpathSync(given)]), ...beside])].map(read)
  }
}

const isHdf = (folder: string): boolean => basename(folder).toLowerCase() === 'hdf'

/** Whether a run's results of a container are there: in the folder of its run.json, in `hdf` beside it, or in `folder`. */
export const hdfFileOf = (runPath: string, target: string, folder?: string): string | undefined => {
  const around = dirname(runPath)
  const folders = [...namedIn(around, 'hdf').filter((path) => statSync(path).isDirectory()), around, ...(folder === undefined ? [] : [folder])]
  return folders.flatMap((each) => namedIn(each, `${fileName(target)}.json`))[0]
}

/** What a folder has of a name in any case of letters, the exact one first. Where it cannot be listed, only that can be told. */
const namedIn = (folder: string, name: string): string[] => {
  const exact = existsSync(join(folder, name)) ? [name] : []
  return [...new Set([...exact, ...namesIn(folder).filter((each) => each.toLowerCase() === name.toLowerCase())])].map((each) => join(folder, each))
}

const namesIn = (folder: string): string[] => {
  try {
    return readdirSync(folder).toSorted()
  } catch {
    return []
  }
}
