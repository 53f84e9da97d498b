import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { basename, join, sep } from 'node:path'
import { cgroupsNamed, removeCgroup } from '../process/cgroup.ts'
import { endNow, homesOf, pids } from '../process/pids.ts'
import { endAllOf, strangerOf } from './isolation/stranger.ts'

/**
 * Auditors of a run that was killed: the processes whose HOME is a folder of that run. They would go on until they miss kscan, and make their folders
 * anew. None where there is no /proc, and none that this user may not see.
 */
export const orphansOf = (folder: string): number[] => pids().filter((pid) => homesOf(pid).some((home) => home.startsWith(folder + sep)))

/** Ends the auditors of a run that was killed, by the folder of that run: those that have their HOME in it, and those that run as a user to whom a part of it was given. */
export const endOrphans = (folder: string): void => {
  for (const pid of orphansOf(folder)) endNow(pid)
  endStrangers(folder)
}

/** Ends and removes the cgroups of a run, by its folder. False where one is still there. Never throws. */
export const removeCgroupsOf = async (folder: string): Promise<boolean> => (await Promise.all(cgroupsNamed(basename(folder)).map(removeCgroup))).every(Boolean)

/** Whatever they did to their environment. */
const endStrangers = (folder: string): void => {
  const owners = existsSync(folder) ? readdirSync(folder).map((name) => strangerOf(join(folder, name))) : []
  for (const owner of owners) {
    const [program = '', ...args] = owner === undefined ? [] : endAllOf(owner)
    if (program !== '') spawnSync(program, args, { stdio: 'ignore', timeout: END_MS })
  }
}
const END_MS = 5000
