import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { pinsOf, writeBundle } from '../../src/profile/bundle.ts'
import { fetchProfile } from '../../src/profile/fetch.ts'
import { resolveDependencies } from '../../src/profile/resolve.ts'
import { localAudit } from '../support/local-audit.ts'
import { profileFiles, writeFiles } from '../support/profile-repository.ts'

const root = mkdtempSync(join(tmpdir(), 'kscan-overlay-'))
afterAll(() => rmSync(root, { recursive: true }))

const base = `
control 'b-1' do
  impact 0.7
  describe file(input('place')) do
    it { should be_directory }
  end
end
control 'b-2' do
  impact 0.3
  describe inspec.profile.file('words.txt') do
    it { should match 'hello' }
  end
end
control 'b-3' do
  describe marked do
    it { should eq 'a resource of base' }
  end
end
`
const LIBRARY = `class Marked < Inspec.resource(1)\n  name 'marked'\n  def ==(other)\n    other == 'a resource of base'\n  end\nend\n`

/** An overlay of an overlay, with an input, a file and a resource of the profile below, a control changed and one left out. */
const top = (): string => {
  const inputs = `inputs:\n  - name: place\n    type: String\n    value: /\n`
  writeFiles(join(root, 'base'), { ...profileFiles('base', { code: base, depends: inputs }), 'files/words.txt': 'hello', 'libraries/marked.rb': LIBRARY })
  writeFiles(
    join(root, 'middle'),
    profileFiles('middle', {
      depends: 'depends:\n  - {name: base, path: ../base}\n',
      code: `include_controls 'base' do\n  control 'b-1' do\n    impact 0.9\n  end\n  skip_control 'b-2'\nend\n`
    })
  )
  const other = `inputs:\n  - {name: place, profile: base, value: /tmp}\n`
  return writeFiles(
    join(root, 'top'),
    profileFiles('top', {
      depends: `depends:\n  - {name: middle, path: ../middle, version: '>= 1.0'}\n  - {name: again, path: ../base}\n${other}`,
      code: `include_controls 'middle'\nrequire_controls 'again' do\n  control 'b-2'\nend\n`
    })
  )
}

/** What may differ: where files lie, how long it took, and the digests that come of that. */
const VARIES = new Set(['ref', 'run_time', 'start_time', 'duration', 'sha256', 'profile_id'])
const compared = (raw: Buffer): unknown =>
  JSON.parse(raw.toString(), (key: string, value: unknown) => {
    if (VARIES.has(key)) return undefined
    return key === 'id' && typeof value === 'string' && !value.startsWith('b-') ? undefined : value
  })

test('a real auditor gives the same for a vendored overlay as for one whose profiles it finds itself', async () => {
  const folder = top()
  const ports = {
    folder: mkdtempSync(join(root, 'f-')),
    unpacked: mkdtempSync(join(root, 'u-')),
    env: {},
    gitToken: undefined,
    signal: new AbortController().signal,
    allowUnpinned: false,
    warn: () => {}
  }
  const dependencies = await resolveDependencies(await fetchProfile({ kind: 'path', path: folder }, ports), ports)
  expect(pinsOf(dependencies).map(({ way }) => way)).toEqual(['top > middle', 'top > middle > base', 'top > again'])
  const bundle = join(root, 'bundle')
  writeBundle(folder, dependencies, bundle)
  const itself = await localAudit([folder])
  for (const name of ['base', 'middle', 'top']) rmSync(join(root, name), { recursive: true })
  const vendored = await localAudit([bundle])
  expect(compared(vendored.raw)).toEqual(compared(itself.raw))
  expect(vendored.raw.toString()).toContain('"passed"')
  expect(vendored.lacks).toEqual(itself.lacks)
})
