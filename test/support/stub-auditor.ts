import { chmodSync, readFileSync } from 'node:fs'
import type { Folder } from './kubeconfig.ts'

/** A file of the auditor's JSON that a scan with a lenient threshold passes. */
const RESULTS = readFileSync('test/fixtures/hdf/one-profile.json', 'utf8').trim()

/** All controls of its results may fail. */
export const LENIENT = ['--threshold', 'failed: {total: {max: 100}}', '--max-unjudged', '100']

let made = 0

/**
 * A program that says the version of an auditor and, in place of an audit, runs `script` and writes results, of which some failed: for what has nothing to do with an audit. It is
 * isolated as an auditor is; a script that uses anything else of this machine wants `--isolation none`.
 */
export const stubAuditor = (folder: Folder, script = ''): string => {
  const file = folder.file(
    `stub-auditor-${(made += 1)}`,
    [
      '#!/bin/sh',
      'if [ "$1" = version ]; then echo 5.24.24; exit; fi',
      script,
      `for a; do case $a in --reporter=json:*) cat >"\${a#--reporter=json:}" <<'END';; esac; done`,
      RESULTS,
      'END',
      'exit 100', // some of them failed
      ''
    ].join('\n')
  )
  chmodSync(file, 0o755)
  return file
}
