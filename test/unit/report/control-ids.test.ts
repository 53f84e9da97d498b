import { describe, expect, test } from '@jest/globals'
import { idLines, idsOf, legacyOf } from '../../../src/report/control-ids.ts'
import { HOSTILE } from './sample.ts'

const NONE = { cci: [], nist: [], srg: [], group: '', groupTitle: '', stig: '', rule: '' }

describe('the ids of a control', () => {
  test.each<[string, Readonly<Record<string, unknown>>, Partial<ReturnType<typeof idsOf>>]>([
    ['none', {}, {}],
    ['a text', { cci: 'CCI-000366', nist: 'CM-6 b' }, { cci: ['CCI-000366'], nist: ['CM-6 b'] }],
    ['a list', { cci: ['CCI-1', ' CCI-2 '], nist: ['AC-17 (2)', 'CM-6 b'] }, { cci: ['CCI-1', 'CCI-2'], nist: ['AC-17 (2)', 'CM-6 b'] }],
    ['a text of several', { cci: 'CCI-1, CCI-2;CCI-3\nCCI-4' }, { cci: ['CCI-1', 'CCI-2', 'CCI-3', 'CCI-4'] }],
    ['one text where not all of it is ids', { cci: 'CCI-1, <b>', nist: 'a, b' }, { cci: ['CCI-1, <b>'], nist: ['a, b'] }],
    ['each once', { cci: ['CCI-1', 'CCI-1'], srg: 'SRG-1', srg_id: 'SRG-1', gtitle: 'SRG-1' }, { cci: ['CCI-1'], srg: ['SRG-1'], groupTitle: 'SRG-1' }],
    ['no revision of NIST', { nist: ['CM-6', 'Rev_4', 'rev_5'] }, { nist: ['CM-6'] }],
    ['an SRG where the title of the group is one', { gtitle: 'SRG-OS-000480' }, { srg: ['SRG-OS-000480'], groupTitle: 'SRG-OS-000480' }],
    ['no SRG where it is not', { gtitle: 'Removal, of files' }, { groupTitle: 'Removal, of files' }],
    ['of a STIG', { gid: 'V-1', rid: 'SV-1r2_rule', stig_id: 'X-1' }, { group: 'V-1', rule: 'SV-1r2_rule', stig: 'X-1' }],
    ['one where several are given', { rid: ['SV-1', 'SV-2'], stig_id: [] }, { rule: 'SV-1' }],
    ['nothing of what is no text', { cci: [1, null, {}, ['CCI-1']], nist: 7, srg: { a: 'SRG-1' }, gid: null, rid: true, stig_id: [{}] }, {}],
    ['nothing of what is empty', { cci: ['', ' '], rid: ' ', nist: '' }, {}]
  ])('%s', (_, tags, expected) => {
    expect(idsOf({ tags })).toEqual({ ...NONE, ...expected })
  })

  test('are bounded, whatever a profile says', () => {
    const tags = { cci: Array.from({ length: 10_000 }, (_, index) => `CCI-${index}`), nist: 'CM-6,'.repeat(1000), rid: 'x'.repeat(10_000_000) }
    const { cci, nist, rule } = idsOf({ tags })
    expect([cci.length, nist.length, rule.length < 400]).toEqual([50, 1, true])
  })

  test.each(HOSTILE)('%s is no more than a text', (_, text) => {
    const ids = idsOf({ tags: { cci: [text], nist: text, srg: text, gtitle: text, gid: text, rid: text, stig_id: text } })
    for (const id of [ids.cci, ids.nist, ids.srg, ids.rule].flat()) expect(id.length).toBeLessThan(400)
  })

  test('in lines, those that it has', () => {
    const tags = { cci: ['CCI-1', 'CCI-2'], nist: 'CM-6', srg: 'SRG-1', stig_id: 'X-1', rid: 'SV-1' }
    expect(idLines({ tags })).toEqual([
      ['CCI', ['CCI-1', 'CCI-2']],
      ['NIST', ['CM-6']],
      ['SRG', ['SRG-1']],
      ['STIG id', ['X-1']],
      ['Rule id', ['SV-1']]
    ])
    expect(idLines({ tags: { rid: 'SV-1' } })).toEqual([['Rule id', ['SV-1']]])
    expect(idLines({ tags: {} })).toEqual([])
  })

  test('that it had before', () => {
    expect(legacyOf({ tags: { legacy: ['V-1', 'SV-2'] } })).toEqual(['V-1', 'SV-2'])
  })
})
