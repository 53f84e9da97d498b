import { test } from '@jest/globals'
import { killAt } from './kill.ts'

test.each([
  ['an image is loaded', '  loading '],
  ['something was deployed', '  applied pod '],
  ['the audit goes on', '✓ Grant access']
])('of a run that is killed while %s nothing is left after cleanup, which needs no kubeconfig', (_what, line) => killAt(line, 1))
