import { join } from 'node:path'
import type { Program } from '../isolation/means.ts'

/** Where CINC's packages belong: their programs name it literally, and run nowhere else. */
export const PREFIX = '/opt/cinc-auditor'

/**
 * How the files come to stand there: `installed` before us; by a mount that the program alone sees, made by bubblewrap or in namespaces of its own; or by a
 * link that all see.
 */
export const PREFIX_WAYS = ['installed', 'bwrap', 'namespaces', 'symlink'] as const
export type PrefixWay = (typeof PREFIX_WAYS)[number]

/** The files of a package, and how they come to their place outside of an isolation that puts them there itself. */
export interface Prefix {
  readonly tree: string
  readonly way: PrefixWay
  /** Of at-prefix.sh. */
  readonly plugin: string
}

/** A program below the prefix, so that it finds itself there. */
export const atPrefix = ({ tree, way, plugin }: Prefix, program: Program): Program => {
  const line = [program.file, ...program.args]
  if (way === 'bwrap') return startedBy(['bwrap', '--die-with-parent', '--dev-bind', '/', '/', '--tmpfs', '/opt', '--ro-bind', tree, PREFIX, '--', ...line])
  if (way === 'namespaces') {
    const apart = ['--map-current-user', '--mount', '--keep-caps', '--propagation', 'private', '--']
    return startedBy(['unshare', ...apart, '/bin/sh', join(plugin, 'at-prefix.sh'), tree, PREFIX, ...line])
  }
  return program
}

const startedBy = ([file = '', ...args]: readonly string[]): Program => ({ file, args })
