import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { ScanError } from '../../../src/kernel/error.ts'
import { fileName, filesOf, type Reported } from '../../../src/report/formats.ts'
import { openReports } from '../../../src/report/open.ts'
import { TargetTranscript, type Transcripts } from '../../../src/report/transcript.ts'
import { judgeBy, judged, many } from '../verdict/sample.ts'
import { question, record, transcripts } from './sample.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reports-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const reported = (raw: Reported['raw'], kept: Transcripts = new Map()): Reported => {
  const targets = [...raw.keys()].map((name) => judged(name, many(1, 'passed')))
  return { verdict: judgeBy(targets, []), judged: targets, record: record([...raw.keys()]), raw, transcripts: kept, secrets: [] }
}

const refusal = (work: () => unknown): string => {
  try {
    work()
    return 'none'
  } catch (error) {
    return error instanceof ScanError ? `${error.code} ${error.problems.map(({ got }) => got).join('; ')}` : String(error)
  }
}

describe('reports', () => {
  const bytes = Uint8Array.from([0xef, 0xbb, 0xbf, 0x7b, 0x0d, 0x0a, 0xff, 0x00, 0x7d])

  test('are written where they are said to be, the results byte by byte', () => {
    const path = join(folder, 'new', 'reports')
    const paths = openReports(path, ['hdf', 'junit', 'markdown', 'run.json']).write(reported(new Map([['web/api/nginx', bytes]])))
    expect([...paths]).toEqual([
      ['hdf', join(path, 'hdf')],
      ['junit', join(path, 'junit.xml')],
      ['markdown', join(path, 'summary.md')],
      ['run.json', join(path, 'run.json')]
    ])
    expect(new Uint8Array(readFileSync(join(path, 'hdf', 'web_api_nginx.json')))).toEqual(bytes)
    expect(readFileSync(join(path, 'junit.xml'), 'utf8')).toContain('<testsuite name="web/api/nginx"')
    expect(JSON.parse(readFileSync(join(path, 'run.json'), 'utf8'))).toMatchObject({ schema: 'kscan-run-1', run: 'abcdefghij', verdict: { result: 'passed' } })
    expect(readdirSync(path).toSorted()).toEqual(['hdf', 'junit.xml', 'run.json', 'summary.md'])
  })

  test('of every format, one file or one folder each', () => {
    const files = {
      junit: 'junit.xml',
      sarif: 'results.sarif',
      codequality: 'codequality.json',
      markdown: 'summary.md',
      comment: 'comment.md',
      html: 'report.html',
      csv: 'controls.csv',
      cklb: 'cklb',
      'run.json': 'run.json'
    } as const
    const formats = ['hdf', ...Object.keys(files)] as (keyof typeof files)[]
    const paths = openReports(folder, formats).write(reported(new Map([['web/api/nginx', bytes]])))
    for (const [format, name] of Object.entries(files)) expect([format, paths.get(format as keyof typeof files)]).toEqual([format, join(folder, name)])
    expect(readdirSync(join(folder, 'cklb'))).toEqual(['web_api_nginx.cklb'])
    openReports(folder, []).clear()
    expect(readdirSync(folder).toSorted()).toEqual(['cklb', 'hdf'])
  })

  test('of the formats asked for only, with the run.json that lists them', () => {
    openReports(folder, ['junit']).write(reported(new Map([['t', bytes]])))
    expect(readdirSync(folder).toSorted()).toEqual(['junit.xml', 'run.json'])
  })

  test('of an earlier run are gone when the next begins, and nothing empty remains if it never writes', () => {
    openReports(folder, ['hdf', 'junit', 'markdown', 'run.json']).write(reported(new Map([['t', bytes]])))
    const next = openReports(folder, ['hdf', 'junit', 'markdown', 'run.json'])
    expect(readdirSync(folder)).toHaveLength(4)
    next.clear()
    expect(readdirSync(folder)).toEqual(['hdf'])
    expect(readdirSync(join(folder, 'hdf'))).toEqual([])
  })

  describe('with a transcript', () => {
    const one = question({}, 'text')
    const write = (kept: 'hashes' | 'full'): Map<string, string> =>
      openReports(folder, ['hdf', 'html', 'transcript']).write(reported(new Map([['web/api/nginx', bytes]]), transcripts('web/api/nginx', [one], kept)))
    const modes = (...names: string[]): string[] => names.map((name) => (statSync(join(folder, name)).mode & 0o777).toString(8))

    test('have it in a file by target, as it can be read again', () => {
      expect(write('full').get('transcript')).toBe(join(folder, 'transcript'))
      expect(readdirSync(join(folder, 'transcript'))).toEqual(readdirSync(join(folder, 'hdf')))
      const text = readFileSync(join(folder, 'transcript', 'web_api_nginx.json'), 'utf8')
      expect(TargetTranscript.parse(JSON.parse(text))).toEqual({ schema: 'kscan-transcript-1', target: 'web/api/nginx', kept: 'full', questions: [one] })
    })

    test('keep it, and the page that quotes it, from other users', () => {
      const umask = process.umask(0)
      try {
        for (const kept of ['hashes', 'full'] as const) {
          write(kept)
          expect(modes('transcript/web_api_nginx.json', 'report.html', 'hdf/web_api_nginx.json')).toEqual(['600', '600', '666'])
        }
      } finally {
        process.umask(umask)
      }
    })

    test('of an earlier run are gone when one begins that keeps none', () => {
      write('full')
      writeFileSync(join(folder, 'transcript', 'notes.txt'), 'mine')
      openReports(folder, ['junit']).clear()
      expect(readdirSync(join(folder, 'transcript'))).toEqual(['notes.txt'])
    })

    test('are refused before the scan where a file is in its place', () => {
      writeFileSync(join(folder, 'transcript'), 'x')
      expect(refusal(() => openReports(folder, ['junit']))).toMatch(/^BAD_INPUT .*transcript/)
    })
  })

  test('of a folder are the files that a run writes to it', () => {
    const paths = openReports(folder, ['hdf', 'cklb', 'junit']).write(reported(new Map([['t', bytes]])))
    writeFileSync(join(folder, 'cklb', 'mine.txt'), 'x')
    expect([...paths].flatMap(([format, path]) => filesOf(format, path))).toEqual(
      ['hdf/t.json', 'cklb/t.cklb', 'junit.xml', 'run.json'].map((name) => join(folder, name))
    )
  })

  test('take nothing away that is not theirs', () => {
    mkdirSync(join(folder, 'hdf', 'mine'), { recursive: true })
    writeFileSync(join(folder, 'hdf', 'mine', 'x.json'), '{}')
    writeFileSync(join(folder, 'hdf', 'notes.txt'), 'x')
    writeFileSync(join(folder, 'keep.json'), '{}')
    openReports(folder, ['hdf']).write(reported(new Map([['t', bytes]])))
    openReports(folder, ['hdf']).clear()
    expect(readdirSync(join(folder, 'hdf')).toSorted()).toEqual(['mine', 'notes.txt'])
    expect(existsSync(join(folder, 'hdf', 'mine', 'x.json'))).toBe(true)
    expect(existsSync(join(folder, 'hdf', 'notes.txt'))).toBe(true)
    expect(existsSync(join(folder, 'keep.json'))).toBe(true)
  })

  test('leave no empty folder behind that was made for them', () => {
    const [made, given] = [join(folder, 'new', 'reports'), join(folder, 'given')]
    mkdirSync(given)
    for (const path of [made, given]) openReports(path, ['hdf'])[Symbol.dispose]()
    expect(readdirSync(folder)).toEqual(['given'])
    const reports = openReports(made, ['hdf'])
    reports.write(reported(new Map([['t', bytes]])))
    reports[Symbol.dispose]()
    expect(readdirSync(made)).toEqual(['hdf', 'run.json'])
  })

  test.each<[string, (at: string) => unknown, string]>([
    ['a file for the folder', (at) => writeFileSync(at, 'x'), ''],
    ['a folder for junit.xml', (at) => mkdirSync(join(at, 'junit.xml'), { recursive: true }), 'junit.xml'],
    ['a file for hdf', (at) => (mkdirSync(at), writeFileSync(join(at, 'hdf'), 'x')), 'hdf'],
    ['a link for hdf', (at) => (mkdirSync(at), symlinkSync(tmpdir(), join(at, 'hdf'))), 'hdf']
  ])('are refused before the scan where there is %s', (_, prepare, named) => {
    const path = join(folder, 'r')
    prepare(path)
    const said = refusal(() => openReports(path, ['hdf', 'junit']))
    expect(said).toMatch(/^BAD_INPUT /)
    expect(said).toContain(join('r', named))
  })

  describe('behind links', () => {
    let workspace = ''
    let other = ''
    beforeEach(() => {
      workspace = join(folder, 'work')
      other = join(folder, 'other')
      for (const path of [workspace, other]) mkdirSync(path)
    })

    test.each<[string, () => string]>([
      ['that are the folder itself', () => link(other, 'r')],
      ['that are the folder itself, and stay in the workspace', () => link(workspace, 'r')],
      ['that are the folder itself, and lead nowhere', () => link(join(folder, 'nosuch'), 'r')],
      ['that lead out of the workspace', () => join(link(other, 'up'), 'r')],
      ['that lead out of the workspace, and to nothing', () => join(link(join(folder, 'nosuch'), 'up'), 'r')],
      ['that lead out of the workspace further up', () => join(link(folder, 'up'), 'a', 'b', 'r')]
    ])('%s are refused, and nothing is made', (_what, prepare) => {
      const path = prepare()
      const said = refusal(() => openReports(path, ['junit'], workspace))
      expect([said, readdirSync(other), readdirSync(folder).toSorted()]).toEqual([expect.stringMatching(/^BAD_INPUT .*link/), [], ['other', 'work']])
    })

    test.each<[string, () => string]>([
      ['in the workspace that stay in it', () => (mkdirSync(join(workspace, 'real')), join(link(join(workspace, 'real'), 'up'), 'r'))],
      ['outside of the workspace', () => (symlinkSync(other, join(folder, 'up')), join(folder, 'up', 'r'))]
    ])('%s are followed', (_what, prepare) => {
      openReports(prepare(), ['junit'], workspace).write(reported(new Map([['t', bytes]])))
    })

    test.each(['junit.xml', 'hdf', 'transcript', 'run.json', 'auditor.log'])('in the place of %s are refused', (name) => {
      symlinkSync(other, join(workspace, name))
      expect(refusal(() => openReports(workspace, ['hdf']))).toMatch(/^BAD_INPUT .*kscan did not write it/)
    })

    test.each(['', 'junit.xml', 'hdf', 'run.json'])('that come while a scan is under way in the place of "%s" are not written through', (name) => {
      const reports = openReports(workspace, ['hdf', 'junit'])
      rmSync(join(workspace, name), { recursive: true, force: true })
      symlinkSync(other, join(workspace, name))
      expect(refusal(() => reports.write(reported(new Map([['t', bytes]]))))).toMatch(/^REPORT_FAILED/)
      expect(readdirSync(other)).toEqual([])
    })

    const link = (to: string, name: string): string => {
      symlinkSync(to, join(workspace, name))
      return join(workspace, name)
    }
  })

  test('that cannot be written are an error of their own', () => {
    const reports = openReports(join(folder, 'r'), ['junit'])
    rmSync(join(folder, 'r'), { recursive: true })
    expect(refusal(() => reports.write(reported(new Map([['t', bytes]]))))).toMatch(/^REPORT_FAILED/)
  })
})

describe('the file of a target', () => {
  test.each([
    ['web/api-7d9/nginx', 'web_api-7d9_nginx'],
    ['a', 'a']
  ])('%s is %s', (target, expected) => {
    expect(fileName(target)).toBe(expected)
  })

  test.each(['..', '../../etc/passwd', '/etc/passwd', '.hidden', 'a\u0000b', 'a\\..\\b', 'x'.repeat(5000), 'a b', 'ä', '\ud800', ''])(
    '%j never leaves the folder',
    (target) => {
      expect(fileName(target)).toMatch(/^[A-Za-z0-9_-][A-Za-z0-9._-]*$/)
      expect(fileName(target).length).toBeLessThan(200)
    }
  )

  test('differs where targets differ', () => {
    const targets = ['a/b', 'a_b', 'a b', 'a\tb', '_a', '.a', '..a', 'x'.repeat(200), `${'x'.repeat(200)}y`, '/a', 'a/']
    expect(new Set(targets.map(fileName)).size).toBe(targets.length)
  })
})
