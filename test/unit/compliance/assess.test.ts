import { expect, test } from '@jest/globals'
import { assess } from '../../../src/compliance/assess.ts'
import type { Facts } from '../../../src/compliance/facts.ts'
import type { Requirement } from '../../../src/compliance/requirement.ts'

const REQUIREMENT: Requirement = {
  framework: 'F',
  id: '1',
  title: 't',
  section: 's',
  checked: '2026-12-01',
  rules: [
    { status: 'conflict', when: { 'helper-rights': 'privileged', added: 'pod' }, because: 'A privileged pod.' },
    { status: 'at-risk', when: { token: { moreThan: 60 } }, because: 'Too long.' },
    { status: 'at-risk', when: { access: ['self', 'service-account'] }, because: 'Not its own.' },
    { status: 'met', when: { token: { atMost: 30 }, access: 'per-run' }, because: 'Short.' },
    { status: 'met', when: { access: 'per-run', revoked: 'removed' }, because: 'Removed.' }
  ],
  otherwise: 'Nothing holds.'
}
const GOOD: Facts = { 'helper-rights': 'none', added: 'nothing', token: 15, access: 'per-run', revoked: 'removed' }

test.each<[string, Facts, string, string]>([
  ['all that is asked for', GOOD, 'met', 'Short.'],
  ['at the bound', { ...GOOD, token: 30 }, 'met', 'Short.'],
  ['behind the bound of one rule, by another', { ...GOOD, token: 31 }, 'met', 'Removed.'],
  ['at the bound of what is too long', { ...GOOD, token: 60 }, 'met', 'Removed.'],
  ['behind it', { ...GOOD, token: 61 }, 'at-risk', 'Too long.'],
  ['one of several values', { ...GOOD, access: 'self' }, 'at-risk', 'Not its own.'],
  ['the worst of what holds', { ...GOOD, token: 99, 'helper-rights': 'privileged', added: 'pod' }, 'conflict', 'A privileged pod.'],
  ['half of a condition', { ...GOOD, 'helper-rights': 'privileged' }, 'met', 'Short.'],
  ['a worse rule that cannot hold, whatever was not seen', { ...GOOD, 'helper-rights': undefined }, 'met', 'Short.'],
  [
    'a worse rule that might hold',
    { ...GOOD, 'helper-rights': undefined, added: 'pod' },
    'not-assessed',
    'The run did not observe what the helper may do, as the API has it.'
  ],
  ['what holds, where a worse rule might', { ...GOOD, 'helper-rights': undefined, added: 'pod', token: 99 }, 'at-risk', 'Too long.'],
  ['a rule as good that might hold', { ...GOOD, revoked: undefined, token: 15 }, 'met', 'Short.'],
  [
    'nothing seen',
    {},
    'not-assessed',
    'The run did not observe what was added to the cluster for a shell, what the helper may do, as the API has it, the longest life of a token, in minutes, whose rights were used and what became of the rights when the audit had ended.'
  ],
  ['all seen, and none holds', { ...GOOD, token: 45, revoked: 'left' }, 'not-assessed', 'Nothing holds.']
])('%s', (_what, facts, status, because) => {
  const [assessed] = assess(facts, [REQUIREMENT])
  expect([assessed?.status, assessed?.because]).toEqual([status, because])
})
