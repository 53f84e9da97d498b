import { lstatSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, resolve } from 'node:path'
import { removeLink } from '../auditor/cinc/source.ts'
import { endOrphans, removeCgroupsOf } from '../auditor/orphans.ts'
import { removeFolder } from '../auditor/remove-folder.ts'
import type { Removers } from '../undo/replay.ts'
import type { Request } from './request.ts'

const REMOVE_FOLDER_MS = 30_000

/** Of what a run that died left on this machine. */
export const machineRemovers = (host: Request['host']): Pick<Removers, 'folder' | 'link'> => ({ folder: folderRemover(host), link: linkRemover(host) })

/** Only what is where a run makes its folder, and as it makes it. That it has the run's name is known of each entry. */
const folderRemover =
  ({ tempFolder }: Request['host']): Removers['folder'] =>
  async ({ path }) => {
    const places = [tempFolder, tmpdir()].map((folder) => resolve(folder))
    if (path !== resolve(path) || !places.includes(dirname(path)))
      throw new Error(`it is not in ${places[0]}: set TMPDIR to what it was in that run, if that is where it is`)
    if (!(await removeCgroupsOf(path))) throw new Error('a cgroup of it is still there')
    const found = lstatSync(path, { throwIfNoEntry: false })
    if (found === undefined) return false
    if (!found.isDirectory() || found.uid !== (process.geteuid?.() ?? found.uid)) throw new Error('it is no folder of this user')
    endOrphans(path)
    if (!(await removeFolder(path, REMOVE_FOLDER_MS))) throw new Error('it is still there')
    return true
  }

/** Where the files are that it leads to goes with the folder of the run. */
const linkRemover =
  ({ env }: Request['host']): Removers['link'] =>
  ({ to }) =>
    removeLink(to, env['PATH'])
