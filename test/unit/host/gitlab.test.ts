import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ARTIFACT_FOLDER, DOTENV_FILE, DOTENV_NAMES, gitlabHost, isGitlab, LINKS_FILE } from '../../../src/host/gitlab.ts'
import type { Host } from '../../../src/host/host.ts'

type Env = Readonly<Record<string, string>>

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kscan-host-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const write = (path: string, text = 'somebody else'): string => {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

/** A job, and what was written to its log. */
const job = (more: Env = {}): { host: Host; log: () => string } => {
  const lines: string[] = []
  const into = new Writable({ write: (chunk, _encoding, done) => done(void lines.push(String(chunk))) }) as unknown as NodeJS.WriteStream
  const env = { GITLAB_CI: 'true', HOME: root, CI_PROJECT_DIR: root, CI_JOB_ID: '7', CI_JOB_URL: 'https://gitlab.example/g/p/-/jobs/7', ...more }
  return { host: gitlabHost({ env, verbose: false, stderr: into, stdout: into }), log: () => lines.join('') }
}

const outputs = (): Map<string, string> =>
  new Map(
    readFileSync(join(root, DOTENV_FILE), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
  )

describe('a job of GitLab', () => {
  test.each<[boolean, Env]>([
    [true, { GITLAB_CI: 'true' }],
    [true, { GITLAB_CI: 'false', CI_JOB_ID: '1' }],
    [false, {}],
    [false, { CI: 'true', CI_JOB_ID: '1' }],
    [false, { GITLAB_CI: 'false' }]
  ])('is one (%s) by what the environment says: %j', (expected, env) => expect(isGitlab(env)).toBe(expected))

  test.each<[string, Env, boolean]>([
    ['private', { CI_PROJECT_VISIBILITY: 'private' }, true],
    ['internal', { CI_PROJECT_VISIBILITY: 'internal' }, true],
    ['public', { CI_PROJECT_VISIBILITY: 'public' }, false],
    ['not said', {}, false]
  ])('uploads without being asked only what not everybody may see: %s', (_what, env, expected) => expect(job(env).host.uploadByDefault).toBe(expected))

  test('gives no input for what the component fills with blanks', () => {
    const { host } = job({ KSCAN_POD: 'web', KSCAN_SELECTOR: '', KSCAN_MAX_TARGETS: '7 ', KSCAN_ENFORCE: ' ' })
    expect([...host.inputs()].map(([name, { value }]) => [name, value])).toEqual([
      ['pod', 'web'],
      ['max-targets', '7 ']
    ])
  })

  test('keeps its own token, and what GitLab gives it beside, out of the log', () => {
    const { host, log } = job({ CI_JOB_TOKEN: 'glcbt-64_secretOfJob', CI_REGISTRY_PASSWORD: 'registry-secret' })
    host.log.info('glcbt-64_secretOfJob registry-secret')
    expect(log()).toBe('*** ***\n')
  })
})

describe('the journal', () => {
  const TOKEN = { CI_JOB_TOKEN: 'glcbt-64_secretOfJob' }

  test('lies where the after_script finds it, and where no commit can have put one', () => {
    const [one, again, other] = [job(TOKEN), job(TOKEN), job({ CI_JOB_TOKEN: 'glcbt-64_anotherSecret' })].map(({ host }) => host.journalFolder)
    expect(one).toMatch(new RegExp(`^${root}/\\.kscan/journal-[0-9a-f]{32}$`))
    expect([again === one, other === one, one?.includes('secretOfJob')]).toEqual([true, false, false])
  })

  test('lies with its user where there is no token', () => {
    expect(job().host.journalFolder).toBe(join(root, '.local/state/kscan'))
  })

  test('lies in this folder where the named one is of a container that is not here', () => {
    expect(job({ ...TOKEN, CI_PROJECT_DIR: join(root, 'nowhere') }).host.journalFolder).toMatch(new RegExp(`^${process.cwd()}/\\.kscan/journal-`))
  })
})

describe('the log', () => {
  test('is folded by phases, also those that fail', async () => {
    const { host, log } = job()
    await host.phase('One', () => Promise.resolve(host.log.info('inside')))
    await expect(host.phase('Two', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(log()).toMatch(
      /^section_start:\d+:kscan_1\r\u001b\[0KOne\ninside\n✓ One \(.*\)\nsection_end:\d+:kscan_1\r\u001b\[0K\nsection_start:\d+:kscan_2\r\u001b\[0KTwo\nsection_end:\d+:kscan_2\r\u001b\[0K\n$/
    )
  })

  test('is folded by nobody else', async () => {
    const { host, log } = job()
    const forged = 'section_start:1:x\r\u001b[0Kforged'
    host.log.info(forged)
    await host.phase(forged, () => Promise.resolve())
    expect(log().match(/section_start:1:x\r/g)).toBeNull()
  })
})

describe('the outputs', () => {
  test('are twenty lines, whatever was set', () => {
    const { host } = job()
    host.setOutput('result', 'passed')
    host.setOutput('junit-path', '/x/junit.xml')
    expect([outputs().size, outputs().get('KSCAN_OUT_RESULT'), outputs().get('KSCAN_OUT_COMPLIANCE')]).toEqual([DOTENV_NAMES.length, 'passed', ''])
  })

  test.each(['a\nKSCAN_OUT_RESULT=passed', 'a $HOME', 'a"b', "a'b", 'a\\b', 'ü', 'x'.repeat(501)])(
    '%j does not go, for it would not arrive as it is',
    (value) => {
      const { host } = job()
      host.setOutput('cluster-name', value)
      expect([outputs().size, outputs().get('KSCAN_OUT_CLUSTER_NAME')]).toEqual([DOTENV_NAMES.length, ''])
    }
  )

  test('a cluster is called as the agent calls it', () => {
    const { host } = job()
    host.setOutput('cluster-name', 'group/infra:prod')
    expect(outputs().get('KSCAN_OUT_CLUSTER_NAME')).toBe('group/infra:prod')
  })

  test('that cannot be written are a warning, and change no verdict', () => {
    const { host, log } = job()
    mkdirSync(join(root, '.kscan'))
    rmSync(join(root, '.kscan'), { recursive: true })
    symlinkSync('/proc/1/nowhere', join(root, '.kscan'))
    host.setOutput('result', 'passed') // the link goes
    expect(outputs().get('KSCAN_OUT_RESULT')).toBe('passed')
    rmSync(join(root, '.kscan'), { recursive: true })
    write('.kscan/outputs.env/in-the-way')
    host.setOutput('result', 'passed')
    expect([log(), outputs().get('KSCAN_OUT_RESULT')]).toEqual(['', 'passed'])
  })
})

describe('the artifacts', () => {
  const upload = async (host: Host, reports: string): Promise<string | undefined> => {
    const copies = mkdtempSync(join(tmpdir(), 'kscan-copies-'))
    mkdirSync(join(copies, 'hdf'))
    for (const name of ['report.html', 'hdf/a.json']) writeFileSync(join(copies, name), name)
    const uploaded = await host.upload(
      'name',
      ['report.html', 'hdf/a.json'].map((name) => join(copies, name)),
      { root: copies, reports, retentionDays: 0 }
    )
    rmSync(copies, { recursive: true })
    return uploaded?.url
  }

  test('lie below the folder that the component names, with links to them, and outputs name them there', async () => {
    const { host } = job()
    const reports = join(root, 'kscan-reports')
    expect(await upload(host, reports)).toBe('https://gitlab.example/g/p/-/jobs/7/artifacts/browse/kscan-artifact/kscan-reports/')
    expect(readFileSync(join(root, ARTIFACT_FOLDER, 'kscan-reports/hdf/a.json'), 'utf8')).toBe('hdf/a.json')
    expect(readFileSync(join(root, LINKS_FILE), 'utf8')).toContain('/artifacts/file/kscan-artifact/kscan-reports/report.html')
    host.setOutput('hdf-path', join(reports, 'hdf'))
    expect(outputs().get('KSCAN_OUT_HDF_PATH')).toBe('kscan-artifact/kscan-reports/hdf')
  })

  test('are none behind a link', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'kscan-elsewhere-'))
    symlinkSync(elsewhere, join(root, ARTIFACT_FOLDER))
    await upload(job().host, join(root, 'kscan-reports'))
    expect([existsSync(join(elsewhere, 'kscan-reports')), lstatSync(join(root, ARTIFACT_FOLDER)).isDirectory()]).toEqual([false, true])
    rmSync(elsewhere, { recursive: true })
  })

  test('of reports elsewhere lie below that folder, too', async () => {
    expect(await upload(job().host, '/elsewhere/reports')).toMatch(/\/browse\/kscan-artifact\/reports\/$/)
  })

  test('of a scan are its own: what was there before goes, and what others have beside it stays', () => {
    const [outputsFile, links, report, other] = [DOTENV_FILE, LINKS_FILE, `${ARTIFACT_FOLDER}/mine/junit.xml`, `${ARTIFACT_FOLDER}/theirs/junit.xml`].map(
      (path) => write(path)
    )
    job({ KSCAN_REPORTS_PATH: 'mine' }).host.begin?.()
    expect([outputsFile, links, report, other].map((file) => existsSync(file ?? ''))).toEqual([false, false, false, true])
  })
})
