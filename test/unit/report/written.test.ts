import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { type Problem, ScanError } from '../../../src/kernel/error.ts'
import type { Format, Reported } from '../../../src/report/formats.ts'
import { openReports } from '../../../src/report/open.ts'
import { judgeBy, judged, many } from '../verdict/sample.ts'
import { question, record, transcripts } from './sample.ts'

let root = ''
let out = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'written-'))
  out = join(root, 'out')
  mkdirSync(out)
})
afterEach(() => rmSync(root, { recursive: true }))

const ALL: readonly Format[] = [
  'hdf',
  'junit',
  'sarif',
  'codequality',
  'markdown',
  'comment',
  'html',
  'csv',
  'cklb',
  'risk-acceptance',
  'run.json',
  'transcript'
]
const PLACES = [
  'junit.xml',
  'results.sarif',
  'codequality.json',
  'summary.md',
  'comment.md',
  'report.html',
  'controls.csv',
  'risk-acceptance.md',
  'run.json',
  'auditor.log',
  'hdf/x.json',
  'cklb/x.cklb',
  'transcript/x.json'
]

const reported = (run = 'abcdefghij', targets: readonly string[] = ['shop/web/app']): Reported => {
  const all = targets.map((name) => judged(name, many(1, 'passed')))
  return {
    verdict: judgeBy(all, []),
    judged: all,
    record: record(targets, { run }),
    raw: new Map(targets.map((name) => [name, Buffer.from(`results of ${name}`)])),
    transcripts: transcripts('shop/web/app', [question()]),
    log: Buffer.from('what the auditor printed'),
    secrets: []
  }
}

/** All that is in a folder: of files the content, of links where they lead. */
const tree = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => {
      const path = join(folder, name)
      const stat = lstatSync(path)
      return [name, stat.isSymbolicLink() ? `-> ${readlinkSync(path)}` : stat.isFile() ? readFileSync(path, 'latin1') : 'no file']
    })
  )

const problemsOf = (work: () => unknown): readonly Problem[] => {
  try {
    work()
    return []
  } catch (error) {
    if (error instanceof ScanError && error.code === 'BAD_INPUT') return error.problems
    throw error
  }
}
const put = (name: string, content = 'mine'): void => {
  mkdirSync(join(out, name, '..'), { recursive: true })
  writeFileSync(join(out, name), content)
}

describe('a file of somebody else', () => {
  test.each(PLACES)('at %s is refused whatever is to be written, and stays', (name) => {
    put(name)
    const before = tree(out)
    for (const formats of [ALL, ['run.json'], ['junit'], []] as const)
      expect(problemsOf(() => openReports(out, formats))).toEqual([
        {
          name: 'reports-path',
          expected: expect.any(String),
          got: `${join(out, name)}: kscan did not write it`,
          hint: expect.stringContaining('another reports-path')
        }
      ])
    expect(tree(out)).toEqual(before)
  })

  test('is named with all others at once; of very many, how many more there are', () => {
    for (const name of PLACES.filter((each) => each !== 'run.json')) put(name)
    const named = problemsOf(() => openReports(out, [])).map(({ got }) => got.slice(out.length + 1).split(':')[0])
    expect(new Set(named)).toEqual(new Set(PLACES.filter((each) => each !== 'run.json')))
    for (let index = 0; index < 500; index += 1) put(`hdf/${index}.json`)
    const problems = problemsOf(() => openReports(out, []))
    expect([problems.length, problems.at(-1)?.got]).toEqual([21, '492 more'])
  })

  test.each<[string, () => void, string]>([
    ['a link to a file', () => symlinkSync('../x', join(out, 'report.html')), 'report.html'],
    ['a link that leads nowhere', () => symlinkSync('/nowhere/at/all', join(out, 'run.json')), 'run.json'],
    ['a link for a folder of reports', () => symlinkSync(root, join(out, 'hdf')), 'hdf'],
    ['a file for a folder of reports', () => put('cklb'), 'cklb'],
    ['a folder for a report', () => mkdirSync(join(out, 'junit.xml')), 'junit.xml'],
    ['a folder named like results', () => mkdirSync(join(out, 'hdf', 'a.json'), { recursive: true }), 'hdf/a.json'],
    ['a pipe', () => execFileSync('mkfifo', [join(out, 'summary.md')]), 'summary.md'],
    ['a hidden file of results', () => put('hdf/.json'), 'hdf/.json']
  ])('may be %s', (_, make, name) => {
    make()
    const before = tree(out)
    expect(problemsOf(() => openReports(out, ['run.json'])).map(({ got }) => got)).toEqual([`${join(out, name)}: kscan did not write it`])
    expect(tree(out)).toEqual(before)
  })

  test('of other names is in nobody’s way: the folder may be one of work', () => {
    for (const name of ['README.md', 'src/run.json', 'hdf/notes.txt', 'report.html.bak', '.git/config']) put(name)
    const before = tree(out)
    openReports(out, ALL).write(reported())
    openReports(out, ALL).clear()
    expect(tree(out)).toMatchObject(before)
    expect(Object.values(tree(out)).filter((text) => text !== 'no file')).toHaveLength(5)
  })
})

describe('what an earlier run wrote', () => {
  beforeEach(() => void openReports(out, ALL).write(reported()))

  test('is listed in its run.json, every file with its digest', () => {
    const { files } = JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')) as { files: { path: string; sha256: string }[] }
    expect(files.map(({ path }) => path).toSorted()).toEqual(PLACES.map((name) => name.replace('/x.', '/shop_web_app.')).toSorted())
    for (const { path, sha256 } of files.slice(0, -1))
      expect([
        path,
        createHash('sha256')
          .update(readFileSync(join(out, path)))
          .digest('hex')
      ]).toEqual([path, sha256])
  })

  test('is known again whatever the run had to tell, zeros and digests too', () => {
    const [own = ''] = /[0-9a-f]{64}(?=[^0-9a-f]*$)/.exec(readFileSync(join(out, 'run.json'), 'utf8')) ?? []
    for (const text of ['0'.repeat(64), '0'.repeat(200), own, '"files": [{"path": "run.json"}]', '\u{1f600}\ud800 $&$1'])
      for (const run of [reported(), reported(text)]) {
        openReports(out, ['junit']).clear()
        openReports(out, ['junit']).write({ ...run, record: { ...run.record, leftovers: [text] } })
        expect(problemsOf(() => openReports(out, []))).toEqual([])
      }
  })

  test('is taken away, all of it and nothing else', () => {
    put('mine.txt')
    const next = openReports(out, ['junit'])
    expect(Object.keys(tree(out))).toContain('report.html')
    next.clear()
    expect(tree(out)).toEqual({ cklb: 'no file', hdf: 'no file', 'mine.txt': 'mine', transcript: 'no file' })
  })

  test('is replaced by a run of fewer containers and formats: nothing of the first remains', () => {
    openReports(out, ALL).clear()
    openReports(out, ALL).write(reported('second', ['a/b/c', 'd/e/f']))
    openReports(out, ['hdf']).clear()
    openReports(out, ['hdf']).write(reported('third', ['a/b/c']))
    expect(Object.keys(tree(out)).toSorted()).toEqual(['auditor.log', 'cklb', 'hdf', 'hdf/a_b_c.json', 'run.json', 'transcript'])
    expect(problemsOf(() => openReports(out, []))).toEqual([])
  })

  const listed = PLACES.map((name) => name.replace('/x.', '/shop_web_app.'))
  test.each(listed)('and somebody changed since, at %s, is refused and stays', (name) => {
    const path = join(out, name)
    writeFileSync(path, name === 'run.json' ? readFileSync(path, 'utf8').replace('"passed"', '"failed"') : `${readFileSync(path, 'latin1')} `, 'latin1')
    const before = tree(out)
    expect(problemsOf(() => openReports(out, ['junit'])).map(({ got }) => got)).toEqual([`${path}: it was changed since kscan wrote it`])
    expect(tree(out)).toEqual(before)
  })

  test.each<[string, () => void, string]>([
    [
      'is a link now',
      () => (renameSync(join(out, 'junit.xml'), join(root, 'j')), symlinkSync('../j', join(out, 'junit.xml'))),
      'junit.xml: it is no file any more'
    ],
    ['is a folder now', () => (rmSync(join(out, 'junit.xml')), mkdirSync(join(out, 'junit.xml'))), 'junit.xml: it is no file any more'],
    ['was moved to the name of another', () => renameSync(join(out, 'junit.xml'), join(out, 'comment.md')), 'comment.md: it was changed since kscan wrote it'],
    ['was copied beside', () => linkSync(join(out, 'hdf', 'shop_web_app.json'), join(out, 'hdf', 'copy.json')), 'hdf/copy.json: kscan did not write it'],
    ['lost its run.json', () => rmSync(join(out, 'run.json')), 'auditor.log: kscan did not write it']
  ])('and %s is refused', (_, change, sentence) => {
    change()
    const before = tree(out)
    expect(problemsOf(() => openReports(out, [])).map(({ got }) => got)).toContain(`${out}/${sentence}`)
    expect(tree(out)).toEqual(before)
  })

  test('and that is gone is no problem, and neither are files that are missing after a death half-way', () => {
    for (const name of ['junit.xml', 'hdf/shop_web_app.json']) rmSync(join(out, name))
    openReports(out, ALL).clear()
    expect(Object.values(tree(out)).filter((text) => text !== 'no file')).toEqual([])
  })

  test('is not taken away for a list that names what no report is called', () => {
    put('precious', 'x')
    put('hdf/notes.txt', 'x')
    const sha256 = createHash('sha256').update('x').digest('hex')
    const run = JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')) as { files: unknown[] }
    run.files.unshift(...['precious', 'hdf/notes.txt', '../precious'].map((path) => ({ path, sha256 })))
    writeFileSync(join(root, 'precious'), 'x')
    writeFileSync(join(out, 'run.json'), JSON.stringify(run))
    expect(problemsOf(() => openReports(out, [])).map(({ got }) => got)).toEqual([`${join(out, 'run.json')}: it was changed since kscan wrote it`])
    expect([tree(out)['precious'], tree(out)['hdf/notes.txt'], readFileSync(join(root, 'precious'), 'utf8')]).toEqual(['x', 'x', 'x'])
  })

  test('by a version that kept no list is refused in one sentence that says what to do', () => {
    const { files: _, ...old } = JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')) as Record<string, unknown>
    writeFileSync(join(out, 'run.json'), JSON.stringify(old))
    expect(problemsOf(() => openReports(out, ['junit']))).toEqual([
      {
        name: 'reports-path',
        expected: expect.any(String),
        got: `${out}: the run abcdefghij of kscan 0.1.0, whose run.json does not list what it wrote`,
        hint: 'Nothing was removed. Remove the folder, or choose another reports-path.'
      }
    ])
  })

  test('and changes between the look and the clearing is refused then, before anything is gone', () => {
    const next = openReports(out, ['junit'])
    put('summary.md')
    const before = tree(out)
    expect(problemsOf(() => next.clear()).map(({ got }) => got)).toEqual([`${join(out, 'summary.md')}: it was changed since kscan wrote it`])
    expect(tree(out)).toEqual(before)
  })

  test('is replaced by reports of the same run, and the others stay listed', () => {
    openReports(out, ['csv']).write({ ...reported(), log: undefined })
    expect(problemsOf(() => openReports(out, []))).toEqual([])
    openReports(out, []).clear()
    expect(Object.values(tree(out)).filter((text) => text !== 'no file')).toEqual([])
  })
})

describe('what comes while a scan is under way', () => {
  const failed = (work: () => unknown): string => {
    try {
      work()
      return 'nothing'
    } catch (error) {
      return error instanceof ScanError ? `${error.code} ${error.message}` : String(error)
    }
  }

  test.each(PLACES)('at %s is not overwritten: the reports fail, and nothing of them is there', (name) => {
    const reports = openReports(out, ALL)
    reports.clear()
    put(name)
    const before = tree(out)
    expect(failed(() => reports.write(reported()))).toMatch(/^REPORT_FAILED .*kscan did not write it$/)
    expect(tree(out)).toEqual(before)
  })

  test('from another run into the same folder stays, whole', () => {
    const [one, two] = [openReports(out, ALL), openReports(out, ALL)]
    one.clear()
    two.clear()
    one.write(reported('first'))
    const before = tree(out)
    expect(failed(() => two.write(reported('second')))).toMatch(/^REPORT_FAILED .*it has reports of the run first$/)
    expect(tree(out)).toEqual(before)
  })

  test('and a disk that refuses a report leaves none of them', () => {
    const reports = openReports(out, ALL)
    chmodSync(out, 0o500)
    const text = failed(() => reports.write({ ...reported(), raw: new Map([['x', undefined as never]]) }))
    chmodSync(out, 0o700)
    expect([text, tree(out)]).toEqual([expect.stringMatching(/^REPORT_FAILED/), {}])
  })
})
