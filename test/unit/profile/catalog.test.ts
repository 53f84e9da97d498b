import { describe, expect, test } from '@jest/globals'
import { CATALOG, entryOf } from '../../../src/profile/catalog.ts'
import { fits, parseOsRelease } from '../../../src/profile/os-release.ts'

test('each entry is whole: an address of https, a commit, a digest, a licence that allows its use', () => {
  expect(CATALOG.length).toBeGreaterThan(15)
  expect(new Set(CATALOG.map(({ name }) => name)).size).toBe(CATALOG.length)
  for (const entry of CATALOG)
    expect(entry).toMatchObject({
      name: expect.stringMatching(/^[a-z0-9][a-z0-9.-]*$/),
      repository: expect.stringMatching(/^https:\/\/[^@?#]+\.git$/),
      commit: expect.stringMatching(/^(?!0{40})[0-9a-f]{40}$/),
      sha256: expect.stringMatching(/^(?!0{64})[0-9a-f]{64}$/),
      license: 'Apache-2.0'
    })
  expect(CATALOG.filter(({ controls, title }) => controls === 0 || title === '')).toEqual([])
})

test('a name that is none is told, with the one that was meant', () => {
  expect(entryOf('ssh-baseline')).toMatchObject({ name: 'ssh-baseline' })
  expect(entryOf('ssh-basline')).toMatchObject({ got: 'catalog/ssh-basline', hint: 'Did you mean catalog/ssh-baseline?' })
  expect(entryOf('something-else')).toMatchObject({ hint: expect.stringContaining('kscan profiles') })
})

describe('the system of a container', () => {
  const UBUNTU = 'PRETTY_NAME="Ubuntu 22.04.5 LTS"\nNAME="Ubuntu"\nVERSION_ID="22.04"\nID=ubuntu\nID_LIKE=debian\n'
  const fitting = (text: string): string[] => CATALOG.filter((entry) => fits(entry, parseOsRelease(text)) === 'yes').map(({ name }) => name)

  test.each<[string, string[]]>([
    [UBUNTU, ['canonical-ubuntu-22.04', 'linux-baseline']],
    ["ID='rhel'\nVERSION_ID='9.4'\n", ['redhat-enterprise-linux-9', 'linux-baseline']],
    ['ID=rocky\nVERSION_ID=8.10\n', ['redhat-enterprise-linux-8', 'linux-baseline']],
    ['ID=alpine\nVERSION_ID=3.22\n', ['linux-baseline']],
    ['ID=ubuntu\nVERSION_ID=22.041\n', ['linux-baseline']]
  ])('%j is fit by %j', (text, expected) => {
    expect(fitting(text)).toEqual(expected)
  })

  test.each(['', 'NAME=x\n', 'ID=$(touch /tmp/x)\n', '<html>'])('%j is none', (text) => expect(() => parseOsRelease(text)).toThrow('it has no line ID=NAME'))
})
