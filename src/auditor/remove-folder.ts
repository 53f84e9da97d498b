import { lstatSync } from 'node:fs'
import { run } from '../process/run.ts'

/**
 * Removes a folder in which others may have worked, by programs that can be ended: what still makes files in it is not run after, and what was closed is opened. False
 * where it is still there. Never throws. `limit`: milliseconds for each of three programs.
 */
export const removeFolder = async (path: string, limit: number): Promise<boolean> => {
  const start = (file: string, ...args: string[]): Promise<unknown> => run({ file, args, env: { PATH: '/usr/bin:/bin' }, timeout: limit })
  await start('rm', '-rf', '--', path)
  if (isGone(path)) return true
  await start('chmod', '-R', 'u+rwx', '--', path)
  await start('rm', '-rf', '--', path)
  return isGone(path)
}

const isGone = (path: string): boolean => {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined
  } catch {
    return false
  }
}
