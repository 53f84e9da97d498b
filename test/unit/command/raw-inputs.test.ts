import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals'
import { rawInputs, type RawGiven } from '../../../src/command/raw-inputs.ts'
import { terminalHost } from '../../../src/host/terminal.ts'
import { rawOf, type Inputs } from '../config/load-support.ts'

const before = process.cwd()
const folders: string[] = []
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'kscan-raw-'))
  folders.push(folder)
  process.chdir(folder)
})
afterAll(() => {
  process.chdir(before)
  for (const folder of folders) rmSync(folder, { recursive: true })
})

const none = new Writable() as unknown as NodeJS.WriteStream
const given = (flags: Inputs = {}, { env = {}, untrusted }: { env?: Inputs; untrusted?: string } = {}): RawGiven =>
  rawInputs({ flags: rawOf(flags, 'flag'), host: { ...terminalHost({ env, verbose: false, stderr: none, stdout: none }), untrusted } })
const shown = ({ raw, problems }: RawGiven): [string[], string[]] => [
  [...raw].map(([name, { value, place, origin }]) => `${name}: ${value} (${place ?? origin})`),
  problems.map(({ name, expected, got }) => `${name}: expected ${expected}; got ${got}`)
]

describe('the file that is read', () => {
  test('is none where there is none', () => expect(shown(given({ pod: 'web' }))).toEqual([['pod: web (flag)'], []]))

  test('is kscan.yaml in the working folder, below flags and the environment', () => {
    writeFileSync('kscan.yaml', 'pod: of-file\nnamespace: of-file\ncontext: of-file\n')
    expect(shown(given({ pod: 'x' }, { env: { KSCAN_NAMESPACE: 'y' } }))).toEqual([
      ['pod: x (flag)', 'namespace: y (environment)', 'context: of-file (kscan.yaml, line 3)'],
      []
    ])
  })

  test.each<[string, Inputs, Inputs]>([
    ['a flag', { config: 'ci/k.yaml' }, {}],
    ['the environment', {}, { KSCAN_CONFIG: 'ci/k.yaml' }]
  ])('is the one that %s names, and no other', (_what, flags, env) => {
    writeFileSync('kscan.yaml', 'pod: other')
    mkdirSync('ci')
    writeFileSync('ci/k.yaml', 'threshold-file: t.yaml')
    expect(shown(given(flags, { env }))).toEqual([[expect.stringContaining('config: ci/k.yaml'), 'threshold-file: ci/t.yaml (ci/k.yaml, line 1)'], []])
  })

  test('is none on request', () => {
    writeFileSync('kscan.yaml', 'pod: other')
    writeFileSync('kscan.yml', 'pod: other')
    expect(shown(given({ config: 'none' }))).toEqual([['config: none (flag)'], []])
  })
})

describe('a file that cannot be read is a problem', () => {
  const big = `#${' '.repeat(300_000)}`
  test.each<[what: string, make: () => unknown, got: string | RegExp, flags?: Inputs]>([
    ['that is not there', () => {}, 'config: expected a readable file; got x.yaml: it does not exist (ENOENT)', { config: 'x.yaml' }],
    ['that is a link to nowhere', () => symlinkSync('nowhere', 'kscan.yaml'), 'config: expected a readable file; got kscan.yaml: it does not exist (ENOENT)'],
    ['that is a folder', () => mkdirSync('kscan.yaml'), /kscan\.yaml: it is a folder|EISDIR/],
    ['that has no end', () => symlinkSync('/dev/zero', 'kscan.yaml'), /kscan\.yaml: it is a link to \/dev\/zero: name the file itself$/],
    ['that is too long', () => writeFileSync('kscan.yaml', big), /more than 262144 bytes/],
    [
      'in Latin-1',
      () => writeFileSync('kscan.yaml', 'pod: web\nnamespace: caf\u00e9\n', 'latin1'),
      'config: expected a readable file; got kscan.yaml: line 2 is no UTF-8'
    ],
    ['in UTF-16', () => writeFileSync('kscan.yaml', '\ufeffpod: web\n', 'utf16le'), /line 1 is no UTF-8/],
    ['with another name', () => writeFileSync('kscan.yml', ''), 'config: expected kscan.yaml, for a file that is read unasked; got kscan.yml'],
    ['that is hidden', () => writeFileSync('.kscan.yaml', ''), /got \.kscan\.yaml$/]
  ])('%s', (_what, make, got, flags = {}) => {
    make()
    expect(shown(given(flags))[1]).toEqual([typeof got === 'string' ? got : expect.stringMatching(got)])
  })

  test('and what was given otherwise stays', () => {
    writeFileSync('kscan.yaml', '- pod\n')
    expect(shown(given({ summary: 'false' }))).toEqual([['summary: false (flag)'], [expect.stringContaining('a mapping')]])
  })
})

describe('in a pull request from a fork', () => {
  const fork = (flags: Inputs = {}): [string[], string[]] => shown(given(flags, { untrusted: 'it is a fork' }))
  const refused = [expect.stringMatching(/^config: expected none where a stranger may have written the config file; got .*, and it is a fork/)]

  test('a file that lies there is not read', () => {
    writeFileSync('kscan.yaml', 'enforce: false\nauditor: ./theirs\n')
    expect(fork()).toEqual([[], refused])
  })

  test('nor one that is named', () => {
    writeFileSync('k.yaml', 'enforce: false')
    expect(fork({ config: 'k.yaml' })).toEqual([['config: k.yaml (flag)'], refused])
  })

  test('without one, or with config: none, all else is as ever', () => {
    expect(fork({ pod: 'web' })).toEqual([['pod: web (flag)'], []])
    writeFileSync('kscan.yaml', 'enforce: false')
    expect(fork({ config: 'none' })).toEqual([['config: none (flag)'], []])
  })
})

describe('what the component passes on whether or not its user gave it', () => {
  const COMPONENT = { KSCAN_JOB_COMPONENT: '0.1.0', KSCAN_MAX_WAIVED: '1000000 ', KSCAN_ENFORCE: 'true ', KSCAN_REPORTS_PATH: 'kscan-reports' }
  const problemsWith = (file: string, env: Inputs): string[] => {
    writeFileSync('kscan.yaml', file)
    return shown(given({}, { env }))[1]
  }

  test.each<[string, string, Inputs, readonly unknown[]]>([
    [
      'a stricter number of the file',
      'max-waived: 3',
      COMPONENT,
      [
        'max-waived: expected the same from the component and from kscan.yaml, line 1; got 1000000, which is also what the component gives where nothing is said'
      ]
    ],
    ['a looser word of the file', 'enforce: false', COMPONENT, [expect.stringMatching(/^enforce: expected the same/)]],
    ['a folder whose reports GitLab would not find', 'reports-path: out', COMPONENT, [expect.stringMatching(/^reports-path: expected the same/)]],
    ['nothing that is the same', 'max-waived: 1000000\nenforce: true', COMPONENT, []],
    ['nothing that somebody gave', 'max-waived: 3', { ...COMPONENT, KSCAN_MAX_WAIVED: '5 ' }, []],
    ['nothing that the component leaves out', 'max-unjudged: 3', COMPONENT, []],
    ['nothing outside of the component', 'max-waived: 3', { KSCAN_MAX_WAIVED: '1000000' }, []]
  ])('clashes with %s', (_what, file, env, problems) => expect(problemsWith(file, env)).toEqual(problems))
})
