import { resolve } from 'node:path'
import type { Folder } from './kubeconfig.ts'

/** A file of the auditor's JSON that a scan with a lenient threshold passes. */
const RESULTS = resolve('test/fixtures/hdf/one-profile.json')

/** All controls of its results may fail. */
export const LENIENT = ['--threshold', 'failed: {total: {max: 100}}', '--max-unjudged', '100']

let made = 0

/** A program that says the version of an auditor and, in place of an audit, runs `script` and writes results: for what has nothing to do with an audit. */
export const stubAuditor = (folder: Folder, script = ''): string =>
  folder.file(
    `stub-auditor-${(made += 1)}`,
    [
      '#!/bin/sh',
      'if [ "$1" = version ]; then echo 5.24.24; exit; fi',
      script,
      `for a; do case $a in --reporter=json:*) cat '${RESULTS}' >"\${a#--reporter=json:}";; esac; done`,
      ''
    ].join('\n')
  )
