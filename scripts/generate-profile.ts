import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { absentPackage, accountQuery, byHand, directoryMode, fileMode, loginDefs, search, setting } from './handbook/container-rules.ts'
import { auditedCall, auditedProgram, bootOption, kernelModule, kernelParameter, partition, service } from './handbook/node-rules.ts'
import type { Maker, Rule } from './handbook/rule.ts'

interface Kind {
  /** Left out in containers. */
  readonly gated: boolean
  readonly make: Maker
}

const gated = (make: Maker): Kind => ({ gated: true, make })
const open = (make: Maker): Kind => ({ gated: false, make })
/** A second use of the same subjects begins where the first ends in a profile of the usual size. */
const later = (make: Maker): Kind => gated((n) => make(n + 9))

/** The mix of the published handbooks, in the order in which controls are made: 12 of 20 are left out in containers. */
const KINDS: readonly Kind[] = [
  gated(auditedCall),
  open(fileMode),
  gated(kernelParameter),
  gated(auditedProgram),
  open(search),
  gated(service),
  open(loginDefs),
  later(auditedCall),
  gated(bootOption),
  open(accountQuery),
  gated(kernelModule),
  gated(partition),
  open(setting),
  later(auditedProgram),
  open(absentPackage),
  later(service),
  open(directoryMode),
  later(kernelParameter),
  later(bootOption),
  open(byHand)
]

const DEFAULT_CONTROLS = 180
const SEVERITIES = [
  { name: 'medium', impact: '0.5' },
  { name: 'medium', impact: '0.5' },
  { name: 'high', impact: '0.7' },
  { name: 'medium', impact: '0.5' },
  { name: 'low', impact: '0.3' }
] as const

/**
 * A profile in the manner of the published handbooks, as relative path → text: one file per control, six in ten left out in containers.
 * The same `count` gives the same bytes. Nothing in it needs the network or changes the target.
 */
export const profile = (count: number): ReadonlyMap<string, string> => {
  const files = new Map([['inspec.yml', METADATA]])
  for (let index = 0; index < count; index += 1) files.set(`controls/${controlId(index)}.rb`, control(index))
  return files
}

/** `KS-100001` and on, so that the order of ids is that of the files. */
export const controlId = (index: number): string => `KS-${100_001 + index}`

const control = (index: number): string => {
  const kind = KINDS[index % KINDS.length]
  const severity = SEVERITIES[index % SEVERITIES.length]
  if (kind === undefined || severity === undefined) throw new RangeError(`no kind for control ${index}`)
  const rule = kind.make(Math.floor(index / KINDS.length))
  const lines = [
    `control '${controlId(index)}' do`,
    `  title ${quoted(rule.title)}`,
    `  desc ${quoted(rule.why)}`,
    `  desc 'check', ${quoted(checkText(rule))}`,
    `  desc 'fix', ${quoted(rule.fix)}`,
    `  impact ${severity.impact}`,
    ...tags(index, severity.name, kind.gated),
    '',
    ...(kind.gated ? GATE : []),
    ...rule.body.split('\n').map((line) => (line === '' ? '' : `  ${line}`)),
    'end',
    ''
  ]
  return lines.join('\n')
}

const checkText = (rule: Rule): string => `Verify it with the following command:\n\n     $ sudo ${rule.check}\n\nIf ${rule.finding}, this is a finding.`

const tags = (index: number, severity: string, gated: boolean): string[] => [
  `  tag severity: '${severity}'`,
  `  tag gtitle: 'SRG-OS-${String(index + 1).padStart(6, '0')}-GPOS-00001'`,
  `  tag gid: 'V-${100_001 + index}'`,
  `  tag rid: '${controlId(index)}r1_rule'`,
  `  tag stig_id: 'KSCN-01-${String(index + 1).padStart(6, '0')}'`,
  `  tag cci: ['CCI-${String(366 + (index % 40)).padStart(6, '0')}']`,
  "  tag nist: ['CM-6 b']",
  "  tag 'host'",
  ...(gated ? [] : ["  tag 'container'"])
]

const GATE = ["  only_if('This control is Not Applicable to containers', impact: 0.0) {", "    !virtualization.system.eql?('docker')", '  }', '']

/** A Ruby string between single quotes, where only the quote and the backslash have a meaning. */
const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

const METADATA = `name: generated-handbook
title: A handbook in the manner of the published ones
maintainer: kscan
copyright: kscan
license: Apache-2.0
summary: Generated; as many controls as a real handbook, of the same mix
version: 1.0.0
inspec_version: '>= 5.0'
supports:
  - platform-family: linux
inputs:
  - name: system_command_dirs
    description: Directories of the system's own programs
    type: Array
    value: [/bin, /sbin, /usr/bin, /usr/sbin, /usr/local/bin, /usr/local/sbin]
  - name: pass_min_days
    description: Days between two changes of a password
    type: Numeric
    value: 1
  - name: approved_users
    description: Accounts that may have a shell
    type: Array
    value: [root]
`

/** Writes the profile of `count` controls into a folder; throws, and writes nothing, where the folder holds anything else. */
export const writeProfile = (folder: string, count: number): void => {
  const files = profile(count)
  const [other] = othersIn(folder, files)
  if (other !== undefined) throw new Error(`${folder} holds ${other}, which is not of this profile: name a folder that is new or empty`)
  for (const [path, text] of files) {
    const file = join(folder, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}

/** Paths of what is in the folder and has not the text of a file of ours; a link has none. */
const othersIn = (folder: string, files: ReadonlyMap<string, string>): string[] => {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .flatMap((entry) => {
      const file = join(entry.parentPath, entry.name)
      const path = relative(folder, file)
      return files.has(path) && entry.isFile() && readFileSync(file, 'utf8') === files.get(path) ? [] : [path]
    })
}

const main = (args: readonly string[]): void => {
  const [folder, wanted = String(DEFAULT_CONTROLS)] = args
  const count = Number(wanted)
  if (folder === undefined || !Number.isInteger(count) || count < 1) {
    process.stderr.write(`usage: node scripts/generate-profile.ts DIR [controls=${DEFAULT_CONTROLS}]\n`)
    process.exitCode = 2
    return
  }
  try {
    writeProfile(folder, count)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 2
    return
  }
  process.stdout.write(`${count} controls in ${folder}\n`)
}

if (import.meta.main) main(process.argv.slice(2))
