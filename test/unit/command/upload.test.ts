import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { uploadReports } from '../../../src/command/upload.ts'
import { githubHost, type Toolkit } from '../../../src/host/github.ts'
import type { Host } from '../../../src/host/host.ts'
import { terminalHost } from '../../../src/host/terminal.ts'
import type { Format } from '../../../src/report/formats.ts'

const TOKEN = 'the-token-of-this-run'
const JWT = `${Buffer.from('{"alg":"none"}').toString('base64url')}.eyJ9.c2ln`
const KEY = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----'
const SETTINGS = { upload: 'always', artifactName: '', retentionDays: 0, transcript: 'off' } as const

interface Artifact {
  readonly name: string
  /** What it holds, by the path within it. */
  readonly files: Readonly<Record<string, string>>
  readonly root: string
  readonly mode: number
}

let folder = ''
let log: string[] = []
let artifacts: Artifact[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kscan-upload-test-'))
  mkdirSync(join(folder, 'temp'))
  log = []
  artifacts = []
})
afterEach(() => rmSync(folder, { recursive: true }))

/** A job whose artifact service keeps what it is sent, or fails. */
const job = (failure?: string): Host => {
  const uploadArtifact = (name: string, files: string[], root: string): Promise<object> => {
    const read = files.map((file) => [relative(root, file), readFileSync(file, 'latin1')] as const)
    artifacts.push({ name, files: Object.fromEntries(read), root, mode: statSync(root).mode & 0o777 })
    return failure === undefined ? Promise.resolve({ id: 7, digest: 'ff' }) : Promise.reject(new Error(failure))
  }
  const core = { info: (line: string) => void log.push(line), setSecret: () => {} }
  const toolkit = { core, artifact: () => Promise.resolve({ isGhes: () => false, uploadArtifact }) } as unknown as Toolkit
  const host = githubHost(toolkit, {
    RUNNER_TEMP: join(folder, 'temp'),
    GITHUB_JOB: 'scan',
    GITHUB_SERVER_URL: 'https://github.test',
    GITHUB_REPOSITORY: 'org/shop',
    GITHUB_RUN_ID: '5'
  })
  host.mask(TOKEN)
  return host
}

const write = (path: string, content: string | Uint8Array): string => {
  const file = join(folder, 'reports', path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  return file
}

type Settings = Parameters<typeof uploadReports>[1]

const run = (host: Host, paths: ReadonlyMap<Format, string>, more: Partial<Settings> = {}): ReturnType<typeof uploadReports> =>
  uploadReports({ paths, record: { run: 'r1' }, reports: { folder: join(folder, 'reports') } }, { ...SETTINGS, ...more }, host)

const reports = (): Map<Format, string> => {
  write('hdf/a.json', JSON.stringify({ message: `${KEY}\n${JWT}`, more: KEY }))
  write('hdf/b.json', '{}')
  write('hdf/notes.txt', 'of the user')
  write('cklb/a.cklb', JSON.stringify({ comments: TOKEN }))
  return new Map<Format, string>([
    ['hdf', join(folder, 'reports', 'hdf')],
    ['cklb', join(folder, 'reports', 'cklb')],
    ['junit', write('junit.xml', Uint8Array.from([0xef, 0xbb, 0xbf, 0x3c, 0xff, 0x00, 0x3e]))]
  ])
}

const left = (): string[] => readdirSync(join(folder, 'temp'))

describe('an upload', () => {
  test('has markers in the place of secrets, and a file that says so; the reports stay as they are', async () => {
    const paths = reports()
    const before = readFileSync(join(folder, 'reports', 'hdf', 'a.json'))
    expect(await run(job(), paths)).toEqual({ id: '7', digest: 'ff', url: 'https://github.test/org/shop/actions/runs/5/artifacts/7' })
    const [artifact] = artifacts
    expect(artifact?.name).toBe('kscan-scan-a1-r1')
    expect(artifact?.files).toEqual({
      'hdf/a.json': '{"message":"[redacted by kscan: private key]\\n[redacted by kscan: JWT]","more":"[redacted by kscan: private key]"}',
      'hdf/b.json': '{}',
      'cklb/a.cklb': '{"comments":"[redacted by kscan: known secret]"}',
      'junit.xml': '\xef\xbb\xbf<\xff\x00>',
      'REDACTED.txt':
        'kscan took secrets out of the copies of reports in this artifact. The reports on the runner are as they were.\n\nhdf/a.json: private key (2), JWT (1)\ncklb/a.cklb: known secret (1)\n'
    })
    expect(readFileSync(join(folder, 'reports', 'hdf', 'a.json'))).toEqual(before)
    expect(log).toEqual([
      'warning: secrets in hdf/a.json: private key (2), JWT (1); they are not in the copy that is uploaded, as its REDACTED.txt says',
      'warning: secrets in cklb/a.cklb: known secret (1); they are not in the copy that is uploaded, as its REDACTED.txt says',
      'uploaded 5 files as kscan-scan-a1-r1'
    ])
  })

  test('without secrets has the reports alone, byte by byte', async () => {
    const bytes = Uint8Array.from({ length: 512 }, (_, index) => index % 256)
    await run(job(), new Map<Format, string>([['csv', write('controls.csv', bytes)]]))
    expect([artifacts[0]?.files, log]).toEqual([{ 'controls.csv': Buffer.from(bytes).toString('latin1') }, ['uploaded 1 files as kscan-scan-a1-r1']])
  })

  test('is made in a private folder that is gone afterwards, also when it fails', async () => {
    await run(job(), reports())
    expect([artifacts[0]?.mode, artifacts[0]?.root.startsWith(join(folder, 'temp')), left()]).toEqual([0o700, true, []])
    await expect(run(job('no room'), reports())).rejects.toThrow('no room')
    expect([artifacts.length, left()]).toEqual([2, []])
  })

  test('does not begin when a file cannot be searched', async () => {
    const paths = reports().set('html', join(folder, 'reports', 'report.html'))
    await expect(run(job(), paths)).rejects.toThrow('report.html could not be searched for secrets: it does not exist (ENOENT)')
    expect([artifacts, left()]).toEqual([[], []])
  })

  test('from a terminal is none', async () => {
    const { stderr, stdout } = process
    expect(await run(terminalHost({ env: { TMPDIR: join(folder, 'temp') }, verbose: false, stderr, stdout }), reports())).toEqual({
      why: 'only a job of a CI system has artifacts'
    })
  })
})

describe('an upload where a transcript is kept', () => {
  const paths = (): Map<Format, string> => {
    write('transcript/a.json', '{}')
    return new Map<Format, string>([
      ['csv', write('controls.csv', '')],
      ['html', write('report.html', '')],
      ['transcript', join(folder, 'reports', 'transcript')]
    ])
  }
  /** Which files go into the artifact, of a private repository. */
  const uploaded = async (more: Partial<Settings>): Promise<string[]> => {
    await run({ ...job(), uploadByDefault: true }, paths(), more)
    return Object.keys(artifacts[0]?.files ?? {})
  }

  test('of hashes has it, too', async () => {
    expect(await uploaded({ transcript: 'hashes' })).toEqual(['controls.csv', 'report.html', 'transcript/a.json'])
  })

  test.each(['auto', 'always'] as const)('in full has neither it nor the page that quotes it (upload: %s)', async (upload) => {
    expect(await uploaded({ transcript: 'full', upload })).toEqual(['controls.csv'])
    expect(log[0]).toBe('not uploaded, for transcript: full makes them hold what commands printed: html, transcript')
  })

  test('is none where that is not wanted', async () => {
    expect(await uploaded({ transcript: 'hashes', upload: 'never' })).toEqual([])
  })
})
