import { execFileSync } from 'node:child_process'
import type { Disagreement, House } from './house.ts'

/** Of the run of the workflow and its clone: a release is of a protected tag, of a commit of main, of nothing but its files. */
export const runDisagreements = (house: House, env: Readonly<Record<string, string | undefined>>): Disagreement[] => {
  const wrong = (where: string, expected: string, got: string, remedy: string): Disagreement => ({ topic: 'tag', where, expected, got, remedy })
  const { GITHUB_REF_TYPE: type = '', GITHUB_REF_PROTECTED: isProtected = '', GITHUB_SHA: commit = '' } = env
  const [head, changed] = [git(house, 'rev-parse', 'HEAD'), git(house, 'status', '--porcelain')]
  const ofMain = git(house, 'merge-base', '--is-ancestor', 'HEAD', 'origin/main') !== undefined
  return [
    ...(type === 'tag' ? [] : [wrong('the run', 'one of a tag', type || 'none', 'Push a tag vX.Y.Z.')]),
    ...(isProtected === 'true' ? [] : [wrong('the tag', 'one that a ruleset protects', 'one that can be moved', 'Make a ruleset for the tags v*.*.*.')]),
    ...(head !== undefined && head === commit ? [] : [wrong('the tree', `the commit ${commit || 'of GITHUB_SHA'}`, head ?? 'no commit', 'Check the tag out.')]),
    ...(changed === '' ? [] : [wrong('the tree', 'the files of the commit', changed ?? 'no clone', 'Commit or remove them.')]),
    ...(ofMain ? [] : [wrong('the commit', 'one of main', 'another', 'Tag a commit of main.')])
  ]
}

/** Undefined where it fails. */
const git = ({ root }: House, ...args: string[]): string | undefined => {
  try {
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return undefined
  }
}
