import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { findAuditor, givenAuditor } from '../../../src/auditor/find.ts'
import { findOnPath } from '../../../src/process/find.ts'
import type { AuditorOptions, Candidate } from '../../../src/auditor/program.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { run } from '../../../src/process/run.ts'
import { FETCHING } from '../../../src/kernel/fetching.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'find-'))
  await mkdir(join(folder, 'bin'))
})
afterEach(async () => await rm(folder, { recursive: true }))

const program = async (name: string, body: string): Promise<string> => {
  const file = join(folder, 'bin', name)
  await writeFile(file, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  return file
}

const options = (version?: string): AuditorOptions => ({
  order: ['path'],
  fetching: FETCHING,
  ...(version === undefined ? {} : { version }),
  toolFolder: join(folder, 'tools'),
  pluginFolder: folder,
  env: { PATH: join(folder, 'bin'), HOME: '/nowhere' },
  log: silentLog,
  signal: new AbortController().signal
})

/** `product version (source)`, or the reasons. */
const summary = (candidate: Candidate): string =>
  candidate.kind === 'usable' ? `${candidate.program.product} ${candidate.program.version} (${candidate.program.source})` : candidate.reasons.join('; ')

const HELP = (name: string): string => `if [ "$1" = help ]; then echo "Commands:"; echo "  ${name} archive PATH"; echo "  ${name} exec LOCATIONS"; exit; fi; `

describe('what is found on PATH', () => {
  test.each([
    ['CINC Auditor 5', { 'cinc-auditor': 'echo 5.22.40' }, 'CINC Auditor 5.22.40 (path)'],
    ['CINC Auditor 6', { 'cinc-auditor': 'echo 6.8.24' }, 'CINC Auditor 6.8.24 (path)'],
    ['CINC Auditor 7 after a line of chatter', { 'cinc-auditor': 'echo Hello; echo 7.2.1' }, 'CINC Auditor 7.2.1 (path)'],
    ['CINC Auditor before InSpec', { inspec: 'echo 5.22.3', 'cinc-auditor': 'echo 7.2.1' }, 'CINC Auditor 7.2.1 (path)'],
    ['InSpec 5', { inspec: 'echo 5.24.24' }, 'InSpec 5.24.24 (path)'],
    ['InSpec when CINC Auditor does not work', { 'cinc-auditor': 'exit 3', inspec: 'echo 5.22.3' }, 'InSpec 5.22.3 (path)'],
    ['an `inspec` 7 that CINC brought', { inspec: `${HELP('cinc-auditor')} echo 7.2.1` }, 'CINC Auditor 7.2.1 (path)']
  ])('%s', async (_, programs, expected) => {
    for (const [name, body] of Object.entries(programs)) await program(name, body)
    expect(summary(await findAuditor(options(), { run }))).toBe(expected)
  })
})

describe('what is not usable says why', () => {
  test.each([
    ["Chef's own build of 6", { inspec: `${HELP('inspec')} echo 6.8.24` }, undefined, /inspec: version 6\.8\.24 is Chef's own build.*Chef EULA/],
    ["Chef's own build of 7 without help", { inspec: 'echo 7.0.95' }, undefined, /version 7\.0\.95 is Chef's own build/],
    ['a version before 5', { 'cinc-auditor': 'echo 4.56.20' }, undefined, /version 4\.56\.20 is too old/],
    ['another version than asked for', { 'cinc-auditor': 'echo 5.22.40' }, '7', /version 5\.22\.40, but auditor-version asks for 7/],
    ['a program that fails', { 'cinc-auditor': 'echo no license >&2; exit 172' }, undefined, /`version` ended with 172: no license/],
    ['a program that prints something else', { 'cinc-auditor': 'echo usage' }, undefined, /printed no version: usage/],
    ['nothing on PATH', {}, undefined, /^cinc-auditor: not found on PATH; inspec: not found on PATH$/]
  ])('%s', async (_, programs, version, expected) => {
    for (const [name, body] of Object.entries(programs)) await program(name, body)
    expect(summary(await findAuditor(options(version), { run }))).toMatch(expected)
  })

  test('a file that cannot be executed', async () => {
    await writeFile(join(folder, 'plain'), 'echo 7.2.1')
    expect(summary(await givenAuditor(join(folder, 'plain'), options(), { run }))).toMatch(/plain: it is no program: a folder, or not executable/)
  })
})

test('a given program is taken as such', async () => {
  const file = await program('my-auditor', 'echo 5.22.3')
  expect(summary(await givenAuditor(file, options(), { run }))).toBe('InSpec 5.22.3 (given)')
})

test('a program is asked with an empty HOME that is gone afterwards', async () => {
  await program('cinc-auditor', `[ "$HOME" != /nowhere ] && [ -z "$(/bin/ls -A "$HOME")" ] && echo 7.2.1`)
  expect(summary(await findAuditor(options(), { run }))).toBe('CINC Auditor 7.2.1 (path)')
  expect(await readdir(join(folder, 'tools'))).toEqual([])
})

test('folders, plain files and relative entries of PATH are passed over', async () => {
  const file = await program('tool', 'true')
  await mkdir(join(folder, 'a', 'tool'), { recursive: true })
  await mkdir(join(folder, 'b'))
  await writeFile(join(folder, 'b', 'tool'), '')
  expect(
    await findOnPath('tool', ['', '.', relative(process.cwd(), join(folder, 'bin')), join(folder, 'a'), join(folder, 'b'), join(folder, 'bin')].join(':'))
  ).toBe(file)
  expect(await findOnPath('tool', undefined)).toBeUndefined()
})

test('a program on PATH needs no folder of tools, but one for the while that it is asked', async () => {
  await program('cinc-auditor', 'echo "$HOME" >>"$0.homes"; echo 7.2.1')
  await writeFile(join(folder, 'file'), '')
  const closed = { ...options(), toolFolder: join(folder, 'file', 'tools') }
  expect(summary(await findAuditor(closed, { run }))).toBe('CINC Auditor 7.2.1 (path)')
  const [home = ''] = (await readFile(join(folder, 'bin', 'cinc-auditor.homes'), 'utf8')).split('\n')
  expect([home.startsWith(tmpdir()), existsSync(home)]).toEqual([true, false])
  const nowhere = { ...closed, env: { ...closed.env, TMPDIR: join(folder, 'file') } }
  await expect(findAuditor(nowhere, { run })).rejects.toMatchObject({ code: 'AUDITOR_MISSING', message: expect.stringContaining('TMPDIR') as unknown })
})
