import type { Control } from '../hdf/model.ts'
import { cut } from './escape.ts'

/** What others know a control by, as the tags of its profile say; empty where they do not. Texts from outside, bounded and not escaped. */
export interface ControlIds {
  /** Control Correlation Identifiers: `CCI-000366`. */
  readonly cci: readonly string[]
  /** Controls of NIST SP 800-53: `CM-6 b`. */
  readonly nist: readonly string[]
  /** Of Security Requirements Guides: `SRG-OS-000480-GPOS-00227`. */
  readonly srg: readonly string[]
  /** Of the group in a STIG: `V-230221`. */
  readonly group: string
  /** Most often an SRG's id. */
  readonly groupTitle: string
  /** `RHEL-08-010000`. */
  readonly stig: string
  /** `SV-230221r858734_rule`. */
  readonly rule: string
}

/** How many of one kind are told: real controls have fewer by far. */
const MOST = 50
const LONGEST = 300

/** Tags hold a text, a list of them, nothing, or anything else: that is left out. */
export const idsOf = ({ tags }: Pick<Control, 'tags'>): ControlIds => ({
  cci: several(tags['cci']),
  nist: several(tags['nist']).filter((id) => !REVISION.test(id)),
  srg: [...new Set([...several(tags['srg']), ...several(tags['srg_id']), ...several(tags['gtitle']).filter((id) => SRG.test(id))])],
  group: single(tags['gid']),
  groupTitle: single(tags['gtitle']),
  stig: single(tags['stig_id']),
  rule: single(tags['rid'])
})

/** Ids that a control had before. */
export const legacyOf = ({ tags }: Pick<Control, 'tags'>): readonly string[] => several(tags['legacy'])

/** Among the controls of NIST stands the revision that they are of. */
const REVISION = /^Rev_\d+$/i
const SRG = /^SRG-/i

const bounded = (text: string): string => cut(text.trim(), LONGEST)

const textsOf = (tag: unknown): readonly string[] => [tag].flat().filter((each) => typeof each === 'string')

/** The first where there are several. */
const single = (tag: unknown): string => bounded(textsOf(tag)[0] ?? '')

const several = (tag: unknown): readonly string[] => {
  const ids = textsOf(tag).slice(0, MOST).flatMap(parted).map(bounded)
  return [...new Set(ids.filter((id) => id !== ''))].slice(0, MOST)
}

/** Some profiles have several in one text. What is not all ids stays one text, so that no other decides how many a report has. */
const parted = (text: string): readonly string[] => {
  const parts = text.length > MOST * LONGEST ? [] : text.split(/[,;\n]/).map((part) => part.trim())
  return parts.every((part) => part === '' || ID.test(part)) && parts.length > 1 ? parts : [text]
}

// Such as CCI-000366, AC-17 (2), CM-6 b, SRG-OS-000480-GPOS-00227.
const ID = /^[A-Z]{2,4}-[\w .()-]{1,60}$/

/** With the word that goes before them; what the control does not have is left out. */
export const idLines = (control: Pick<Control, 'tags'>): readonly (readonly [word: string, ids: readonly string[]])[] => {
  const { cci, nist, srg, stig, rule } = idsOf(control)
  const all: readonly (readonly [string, readonly string[]])[] = [
    ['CCI', cci],
    ['NIST', nist],
    ['SRG', srg],
    ['STIG id', [stig]],
    ['Rule id', [rule]]
  ]
  return all.map(([word, ids]) => [word, ids.filter((id) => id !== '')] as const).filter(([, ids]) => ids.length > 0)
}
