import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'

/** One path of the image, and what InSpec's `file` must say of it, taken from the folder that the image is made of. */
export interface Expected {
  readonly path: string
  /** Ruby code of one check each: a matcher on `file(path)`. */
  readonly checks: readonly string[]
}

const NAMES = [
  'plain',
  'two words',
  "it's",
  'double"quote',
  '$HOME',
  '$(touch x)',
  '`id`',
  'new\nline',
  '-dash',
  '--help',
  'ünïcödé ☃',
  'back\\slash',
  '*',
  '?',
  '[a]',
  ' lead',
  'trail ',
  'semi;colon',
  '#hash',
  '~',
  '%s%n',
  'tab\there',
  '&',
  '|'
]
const FOLDER = '/awkward'

const OWNERS: Readonly<Record<number, string>> = { 0: 'root', 4243: 'CORP\\jo e', 65532: 'nonroot' }
const GROUPS: Readonly<Record<number, string>> = { 0: 'root', 4242: 'domain users', 65532: 'nonroot' }

/** Fills a root folder: what is awkward by its name, kind, mode, owner, or content. Call as root. */
export const makeAwkward = (root: string): void => {
  const at = (name: string): string => join(root, FOLDER, name)
  mkdirSync(at('real/inner'), { recursive: true })
  for (const name of NAMES) writeFileSync(at(name), `content of ${name}\n`)
  const contents: Record<string, Buffer> = {
    empty: Buffer.alloc(0),
    big: Buffer.alloc(3 * 1024 * 1024, 'abc\n'),
    nul: Buffer.from('a\0b\0\n'),
    invalid: Buffer.from([0x61, 0xff, 0xfe, 0x0a]),
    crlf: Buffer.from('a\r\nb\r\n'),
    'no-newline': Buffer.from('abc'),
    setuid: Buffer.from('x'),
    setgid: Buffer.from('x'),
    unknown: Buffer.from('x'),
    known: Buffer.from('x'),
    blanks: Buffer.from('x'),
    readable: Buffer.from('x'),
    unreadable: Buffer.from('secret'),
    executable: Buffer.from('#!/bin/sh\n'),
    'real/inner/file': Buffer.from('inner')
  }
  for (const [name, bytes] of Object.entries(contents)) writeFileSync(at(name), bytes)
  const links: Record<string, string> = {
    absolute: `${FOLDER}/plain`,
    relative: 'plain',
    dangling: 'nowhere',
    loop: 'loop',
    folder: 'real',
    chain: 'absolute',
    up: '../awkward/real/inner/file',
    'to-lines': 'new\nline',
    'to-nowhere': 'two words\n\n'
  }
  for (const [name, to] of Object.entries(links)) symlinkSync(to, at(name))
  linkSync(at('plain'), at('hard'))
  execFileSync('mkfifo', [at('fifo')])
  for (const folder of ['sticky', 'shared', 'open']) mkdirSync(at(folder))
  chownSync(at('unknown'), 12345, 54321)
  chownSync(at('known'), 65532, 65532)
  chownSync(at('blanks'), 4243, 4242)
  appendFileSync(join(root, 'etc/passwd'), `${OWNERS[4243]}:x:4243:4242::/:/bin/sh\n`)
  appendFileSync(join(root, 'etc/group'), `${GROUPS[4242]}:x:4242:\n`)
  chmodSync(at('setuid'), 0o4755)
  chmodSync(at('setgid'), 0o2755)
  chmodSync(at('sticky'), 0o1777)
  chmodSync(at('shared'), 0o2775)
  chmodSync(at('open'), 0o777)
  chmodSync(at('readable'), 0o444)
  chmodSync(at('executable'), 0o751)
  chmodSync(at('unreadable'), 0o600)
  utimesSync(at('plain'), 1_000_000_000, 1_000_000_000)
}

const OTHERS = [
  'empty',
  'big',
  'nul',
  'invalid',
  'crlf',
  'no-newline',
  'setuid',
  'setgid',
  'unknown',
  'known',
  'blanks',
  'readable',
  'unreadable',
  'executable',
  'real'
]
const MORE = [
  'real/inner/file',
  'folder/inner/file',
  'absolute',
  'relative',
  'dangling',
  'loop',
  'folder',
  'chain',
  'up',
  'to-lines',
  'to-nowhere',
  'hard',
  'fifo',
  'sticky',
  'shared',
  'open',
  'nowhere'
]

export const expectations = (root: string): Expected[] => [...NAMES, ...OTHERS, ...MORE].map((name) => expectationOf(root, join(FOLDER, name)))

const ruby = (value: string): string => JSON.stringify(value).replaceAll('#', '\\#')

/** What lstat and stat of the image's own folder say; links are resolved inside it. */
const expectationOf = (root: string, path: string): Expected => {
  const own = attempt(() => lstatSync(join(root, path)))
  if (own === undefined) return { path, checks: ['should_not exist', 'should_not be_file', 'should_not be_symlink', 'should_not be_directory'] }
  const target = own.isSymbolicLink() ? resolved(root, path) : path
  const facts = target === undefined ? undefined : attempt(() => statSync(join(root, target)))
  const link = own.isSymbolicLink()
    ? ['should be_symlink', `its('shallow_link_path') { should eq ${ruby(readlinkSync(join(root, path)))} }`]
    : ['should_not be_symlink']
  if (facts === undefined || target === undefined) return { path, checks: ['should_not exist', ...link] }
  const closed = facts.isFile() && (facts.mode & 0o004) === 0 && facts.uid !== 65532
  return {
    path,
    checks: [
      'should exist',
      ...link,
      ...(own.isSymbolicLink() ? [`its('link_path') { should eq ${ruby(target)} }`] : []),
      ...[
        ['file', facts.isFile()],
        ['directory', facts.isDirectory()],
        ['pipe', facts.isFIFO()],
        ['socket', false],
        ['block_device', false],
        ['character_device', false],
        ['setuid', (facts.mode & 0o4000) !== 0],
        ['setgid', (facts.mode & 0o2000) !== 0],
        ['sticky', (facts.mode & 0o1000) !== 0]
      ].map(([kind, is]) => `should${is === true ? '' : '_not'} be_${String(kind)}`),
      `its('mode') { should eq ${facts.mode & 0o7777} }`,
      `its('uid') { should eq ${facts.uid} }`,
      `its('gid') { should eq ${facts.gid} }`,
      `its('owner') { should eq ${ruby(OWNERS[facts.uid] ?? 'UNKNOWN')} }`,
      `its('group') { should eq ${ruby(GROUPS[facts.gid] ?? 'UNKNOWN')} }`,
      `its('mtime') { should eq ${Math.floor(facts.mtimeMs / 1000)} }`,
      ...(facts.isDirectory() ? [] : [`its('size') { should eq ${facts.size} }`]),
      ...readers(facts.mode),
      ...(facts.isFile() && !closed ? contentChecks(readFileSync(join(root, target))) : [])
    ]
  }
}

const readers = (mode: number): string[] =>
  (['owner', 'group', 'others'] as const).flatMap((who, index) => {
    const bits = (mode >> (6 - 3 * index)) & 7
    return (
      [
        ['readable', 4],
        ['writable', 2],
        ['executable', 1]
      ] as const
    ).map(([what, bit]) => `should${(bits & bit) === 0 ? '_not' : ''} be_${what}.by('${who}')`)
  })

const contentChecks = (bytes: Buffer): string[] => [
  `its('sha256sum') { should eq '${createHash('sha256').update(bytes).digest('hex')}' }`,
  `its('md5sum') { should eq '${createHash('md5').update(bytes).digest('hex')}' }`,
  ...(bytes.length > 100_000 ? [] : [`its('content.bytes') { should eq [${[...bytes].join(', ')}] }`])
]

/** Where a link leads in the root folder; undefined when nowhere. */
const resolved = (root: string, path: string): string | undefined => {
  let at = path
  for (let step = 0; step < 20; step += 1) {
    if (!lstatOf(root, at)?.isSymbolicLink()) return lstatOf(root, at) === undefined ? undefined : realpathSync(join(root, at)).slice(realpathSync(root).length)
    const to = readlinkSync(join(root, at))
    at = to.startsWith('/') ? to : join(at, '..', to)
  }
  return undefined
}

const lstatOf = (root: string, path: string): ReturnType<typeof lstatSync> | undefined => attempt(() => lstatSync(join(root, path)))

const attempt = <T>(look: () => T): T | undefined => {
  try {
    return look()
  } catch {
    return undefined
  }
}

/** A profile with one control for each path. */
export const awkwardProfile = (expected: readonly Expected[]): string =>
  expected
    .map(({ path, checks }, index) => {
      const body = checks.map((check) => (check.startsWith('its(') ? `    ${check}` : `    it { ${check} }`)).join('\n')
      return `control 'path-${index}' do\n  impact 0.5\n  title 'The path must be as the image has it'\n  describe file(${ruby(path)}) do\n${body}\n  end\nend\n`
    })
    .join('\n')
