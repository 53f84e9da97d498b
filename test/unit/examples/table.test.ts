import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { INPUTS } from '../../../src/config/inputs.ts'
import { parseThreshold } from '../../../src/verdict/threshold.ts'

const PAGE = readFileSync('examples/README.md', 'utf8')

/** A row of the table: an example and how it is tested. */
const ROWS = PAGE.split('\n').flatMap((line) => {
  const [, file = '', , how = ''] = /^\| \[[^\]]+\]\(([^)]+)\) \| (.+) \| (.+) \|$/.exec(line) ?? []
  return file === '' ? [] : [{ file, how }]
})
const EXAMPLES = globSync(['examples/*/compliance.yml', 'examples/github/*.yml', 'examples/gitlab/*.yml']).map((file) => file.slice('examples/'.length))

test('the page of the examples names each of them once, and each file that belongs to one', () => {
  expect(ROWS.map(({ file }) => file).toSorted()).toEqual(EXAMPLES.toSorted())
  const linked = new Set([...PAGE.matchAll(/\]\((\w[^):]*)\)/g)].map(([, path = '']) => path))
  const belonging = globSync('examples/**/*.yaml')
    .map((file) => file.slice('examples/'.length))
    .filter((file) => file !== 'pull-request/app.yaml')
  expect(belonging.filter((file) => !linked.has(file))).toEqual([])
})

describe.each(ROWS)('$file', ({ file, how }) => {
  const source = readFileSync(join('examples', file), 'utf8')

  test('is tested as the page says: by a file that is there and names it, or only by what holds for all', () => {
    const [, path = ''] = /\]\(\.\.\/(test\/[\w/.-]+)\)/.exec(how) ?? []
    expect([path, existsSync(path)]).toEqual([path, true])
    const words = /^(run(?: with (?:a stand-in|stand-ins) for [^:]+)?: |checked; [^:]+: )/.test(how)
    expect([how, words]).toEqual([how, true])
    if (how.startsWith('run')) expect(readFileSync(path, 'utf8')).toMatch(new RegExp(`['/"]${basename(file, '.yml')}(?:\\.yml)?[':]`))
  })

  test('says itself what of it the tests cannot reach', () => {
    const marked = /^# (?:.*[.:;] )?(?:Tested without|Checked only)/m.test(source)
    const platform = /stand-ins? for (?:Amazon|Google|Azure|GitHub|GitLab|the agent|code scanning)|^checked; a scan|^checked; the job/.test(how)
    expect([file, marked]).toEqual([file, platform])
  })
})

test.each(globSync('examples/thresholds/*.yaml'))('%s is a threshold', (file) => {
  expect(parseThreshold(readFileSync(file, 'utf8'), file)).toMatchObject({ kind: 'threshold' })
})

test('the files for a cluster fit together: one user, one account, one helper image', () => {
  const of = (path: string): string => readFileSync(join('examples', path), 'utf8')
  const user = /name: '(ci:[^']+)'/.exec(of('service-account/access.yaml'))?.[1]
  const { jwt } = parse(of('keyless/authentication.yaml')) as {
    jwt: [{ issuer: { audiences: [string] }; claimMappings: { username: { expression: string } } }]
  }
  const id = /repository_id == '(\d+)'/.exec(of('keyless/authentication.yaml'))?.[1]
  const { expression } = jwt[0].claimMappings.username
  expect(expression.replace(" + claims.repository_id + ':env:' + claims.?environment.orValue('none')", '')).toBe(`'${user?.replace(`${id}:env:none`, '')}'`)
  expect(INPUTS.find(({ name }) => name === 'oidc-audience')?.default).toBe(jwt[0].issuer.audiences[0])
  const image = /c\.image == '([^']+)'/.exec(of('distroless/policy.yaml'))?.[1]
  expect(of('github/distroless.yml')).toContain(`helper-image: ${image}\n`)
})
