import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import * as core from '@actions/core'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { parse as readCsv } from 'csv-parse/sync'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { type DefaultTreeAdapterTypes, parse as readHtml, parseFragment } from 'parse5'
import { annotateEnding, annotateFindings } from '../../../src/command/annotate.ts'
import { setOutputs } from '../../../src/command/outputs.ts'
import { githubHost } from '../../../src/host/github.ts'
import { terminalHost } from '../../../src/host/terminal.ts'
import { endingJson, endingOf } from '../../../src/report/ending.ts'
import { SCRIPT } from '../../../src/report/html-script.ts'
import { STYLE } from '../../../src/report/html-style.ts'
import type { Format, Reported } from '../../../src/report/formats.ts'
import { openReports } from '../../../src/report/open.ts'
import { terminalEnd } from '../../../src/report/terminal.ts'
import type { Outcome } from '../../../src/scan/scan.ts'
import { Commands } from '../../support/github-runner/commands.ts'
import { parseFile } from '../../support/github-runner/files.ts'
import { hostileRun } from '../../support/hostile-run.ts'
import { hostileTexts, LONG_TEXTS } from '../../support/hostile-texts.ts'
import { demandJunit, type Element, readXml } from './xml.ts'

/** What a reader makes of a file, without the texts in it: the same for every text that is inert. */
type Shape = unknown

const FORMATS: readonly Format[] = ['junit', 'sarif', 'codequality', 'markdown', 'comment', 'html', 'csv', 'cklb', 'risk-acceptance', 'run.json', 'transcript']
const TEXTS = hostileTexts()

// What acts on a terminal or turns text round: nothing that we write has a raw one.
const RAW =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\r(?!\n)/u

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inert-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** The files of a run by format, as they are on disk. */
const written = (run: Reported): ReadonlyMap<Format, string> => {
  const paths = openReports(folder, FORMATS).write(run)
  return new Map(
    FORMATS.map((format) => {
      const path = paths.get(format) ?? ''
      return [format, readFileSync(format === 'cklb' || format === 'transcript' ? join(path, readdirSync(path)[0] ?? '') : path, 'utf8')]
    })
  )
}

const jsonShape = (value: unknown): Shape => {
  if (Array.isArray(value)) return value.map(jsonShape).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  if (typeof value !== 'object' || value === null) return typeof value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, jsonShape(each)]))
}

const xmlShape = ({ name, attributes, children }: Element): Shape => [name, Object.keys(attributes), children.map(xmlShape)]

const htmlShape = (node: DefaultTreeAdapterTypes.Node): Shape => [
  node.nodeName,
  'attrs' in node ? node.attrs.map(({ name, value }) => `${name}=${value}`) : [],
  // a text that is empty is no node, and two beside each other are one
  'childNodes' in node ? node.childNodes.filter(({ nodeName }) => nodeName !== '#text').map(htmlShape) : []
]

const pageOf = (text: string): DefaultTreeAdapterTypes.Document => {
  const errors: string[] = []
  const page = readHtml(text, { onParseError: ({ code }) => errors.push(code) })
  expect(errors).toEqual([])
  return page
}

interface MarkdownNode {
  readonly type: string
  readonly value?: string
  readonly children?: readonly MarkdownNode[]
}

/** As GitHub reads it, with the addresses that it looks for when all else is read. */
const readMarkdown = (text: string): MarkdownNode => fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })

const markdownShape = ({ type, value, children = [] }: MarkdownNode): Shape => [
  type,
  type === 'html' ? htmlShape(parseFragment(value ?? '')) : '',
  children.filter((child) => child.type !== 'text').map(markdownShape)
]

const textsOf = ({ type, value = '', children = [] }: MarkdownNode): string[] =>
  type === 'text' ? [value] : type === 'html' ? htmlTexts(parseFragment(value ?? '')) : children.flatMap(textsOf)

const htmlTexts = (node: DefaultTreeAdapterTypes.Node): string[] =>
  'value' in node ? [node.value] : 'childNodes' in node ? node.childNodes.flatMap(htmlTexts) : []

// What GitHub and GitLab make links, pictures and messages to people of, once the text is read.
const CALLS = /@\w|[#!%~&$]\d|:\w+:|:\/\/|\bwww\./i

const READERS: Readonly<Record<Exclude<Format, 'hdf'>, (text: string) => Shape>> = {
  junit: (text) => {
    demandJunit(text)
    return xmlShape(readXml(text))
  },
  sarif: (text) => jsonShape(JSON.parse(text)),
  codequality: (text) => jsonShape(JSON.parse(text)),
  markdown: (text) => markdownShape(readMarkdown(text)),
  comment: (text) => markdownShape(readMarkdown(text)),
  html: (text) => htmlShape(pageOf(text)),
  csv: (text) => readCsv(text).map(({ length }) => length),
  cklb: (text) => jsonShape(JSON.parse(text)),
  'risk-acceptance': (text) => markdownShape(readMarkdown(text)),
  'run.json': (text) => jsonShape(JSON.parse(text)),
  transcript: (text) => jsonShape(JSON.parse(text))
}

const shapesOf = (files: ReadonlyMap<Format, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(READERS).map(([format, read]) => [format, JSON.stringify(read(files.get(format as Format) ?? ''))]))

// A formula begins where a sheet begins a cell: some end one also at a semicolon or a tab.
const FORMULA = /(?:^|[;\t\r\n])[\s"]*[=+\-@\uff1d\uff0b\uff0d\uff20]/

describe('in the reports of a run', () => {
  let harmless: Readonly<Record<string, string>> = {}
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'inert-'))
    harmless = shapesOf(written(hostileRun('harmless')))
    rmSync(folder, { recursive: true })
  })

  test.each(TEXTS)('%s is text, and nothing else', (_, text) => {
    const run = hostileRun(text)
    const files = written(run)
    const shapes = shapesOf(files)
    if (files.get('comment')?.endsWith(' more sections in the report._\n') === true) delete shapes['comment'] // there is no room for more
    expect(Object.keys(shapes).filter((format) => shapes[format] !== harmless[format])).toEqual([])
    for (const [format, content] of files) {
      const own = format === 'html' ? content.replace(SCRIPT, '').replace(STYLE, '') : content
      expect([format, RAW.exec(own)?.index]).toEqual([format, undefined])
    }
    expect(callsIn(files)).toEqual([])
    const cells = readCsv(files.get('csv') ?? '').flat()
    expect(cells.filter((cell) => FORMULA.test(cell) && !/^-\d+(\.\d+)?$/.test(cell))).toEqual([])
    const { files: listed, ...told } = JSON.parse(files.get('run.json') ?? '') as { files: { path: string }[] }
    const ending = endingJson(endingOf(run.verdict, run.record))
    expect(told).toEqual(JSON.parse(JSON.stringify({ schema: 'kscan-run-1', ...run.record, ending, verdict: run.verdict })))
    expect(listed).toHaveLength(FORMATS.length)
  })
})

/** What is left for a code host to find in the texts of Markdown; of a rule's help also what is more than text. */
const callsIn = (files: ReadonlyMap<Format, string>): string[] => {
  const [run] = (JSON.parse(files.get('sarif') ?? '') as { runs: [{ tool: { driver: { rules: { help: { markdown: string } }[] } } }] }).runs
  const helps = run.tool.driver.rules.map(({ help }) => readMarkdown(help.markdown))
  const summaries = ['markdown', 'comment', 'risk-acceptance'] as const
  const trees = [...helps, ...summaries.map((format) => readMarkdown(files.get(format) ?? ''))]
  const kinds = (node: MarkdownNode): string[] => [node.type, ...(node.children ?? []).flatMap(kinds)]
  return [
    ...trees.flatMap(textsOf).flatMap((text) => CALLS.exec(text)?.[0] ?? []),
    ...helps.flatMap(kinds).filter((kind) => !['root', 'paragraph', 'strong', 'text', 'break'].includes(kind))
  ]
}

/** What the runner of GitHub makes of the lines of a step. */
const told = (log: string) => {
  const job = { outputs: {}, state: {}, annotations: [], masks: new Set<string>() } as ConstructorParameters<typeof Commands>[0]
  const commands = new Commands(job, 'main')
  const lines = log.split('\n')
  for (const line of lines) commands.line(line)
  return { ...job, lines: lines.length, shown: commands.visible.length }
}

const AZURE = /##\w*\[/

/** What the process writes to its standard output meanwhile: another stream stands in its place. */
const printed = (work: () => void): string => {
  const stream = new PassThrough()
  const own = Object.getOwnPropertyDescriptor(process, 'stdout') ?? {}
  Object.defineProperty(process, 'stdout', { value: stream, configurable: true })
  try {
    work()
  } finally {
    Object.defineProperty(process, 'stdout', own)
  }
  return String(stream.read() ?? '')
}

const annotate = (outcome: Outcome, host: ReturnType<typeof github>): void => {
  annotateEnding(endingOf(outcome.verdict, outcome.record), host)
  annotateFindings(outcome, host)
}

const github = () => githubHost({ core, artifact: () => Promise.reject(new Error('not asked for')) }, {})

describe.each([['of any system'], ['of GitHub']])('in the log %s', (host) => {
  const print = (text: string): string => {
    if (host === 'of GitHub') return printed(() => github().print(text))
    const stream = new PassThrough()
    const stdout = stream as unknown as NodeJS.WriteStream
    terminalHost({ env: {}, verbose: false, stderr: stdout, stdout }).print(text)
    return String(stream.read())
  }
  const end = (text: string, width: number, code: 'X' | 'PROFILE_FAILED' = 'X'): string => {
    const { verdict, judged, record } = hostileRun(text, code)
    const options = {
      width,
      reportsPath: 'kscan-reports',
      repeat: ({ control: { id } }: { control: { id: string } }) => ({ command: `kscan scan --controls ${id}`, hidden: ['KSCAN_GIT_TOKEN'] })
    }
    return print(terminalEnd(verdict, { judged, record }, options))
  }
  const harmless = end('harmless', 1_000_000).split('\n').length

  test.each(TEXTS)('%s is no command, no escape and no line of its own', (_, text) => {
    for (const [width, code] of [
      [1_000_000, 'X'],
      [1_000_000, 'PROFILE_FAILED'],
      [160, 'X'],
      [60, 'X']
    ] as const) {
      const log = end(text, width, code)
      const { annotations, masks, outputs, lines, shown } = told(log)
      expect({ annotations, masks: [...masks], outputs, shown }).toEqual({ annotations: [], masks: [], outputs: {}, shown: lines })
      expect(log).not.toMatch(RAW)
      expect(log).not.toMatch(AZURE)
      expect(log).not.toMatch(/^\s*::/m)
      if (width === 1_000_000) expect(lines).toBe(harmless)
    }
  })
})

describe('in what the runner of GitHub carries out', () => {
  const outcome = (text: string): Outcome => ({ ...hostileRun(text), runs: [], paths: new Map(), reports: { folder: text } }) as unknown as Outcome

  test.each(TEXTS)('%s is one text of an annotation', (_, text) => {
    const { annotations, masks, lines } = told(printed(() => annotate(outcome(text), github())).trimEnd())
    const plain = told(printed(() => annotate(outcome('harmless'), github())).trimEnd())
    expect([annotations.map(({ level }) => level), lines]).toEqual([plain.annotations.map(({ level }) => level), plain.lines])
    expect(masks.size).toBe(0)
    for (const { properties, message } of annotations) {
      expect(Object.keys(properties)).toEqual(['title'])
      expect(`${properties['title']}${message}`).not.toMatch(/[\n\r]/)
      expect(`${properties['title']}${message}`).not.toMatch(RAW)
    }
  })

  test.each(TEXTS)('%s is one value of an output', (_, text) => {
    const file = join(folder, 'output')
    writeFileSync(file, '')
    process.env['GITHUB_OUTPUT'] = file
    const names: string[] = []
    const setOutput = (name: string, value: string): void => {
      names.push(name)
      github().setOutput(name, value)
    }
    setOutputs({ setOutput }, { result: 'failed', outcome: outcome(text), uploaded: undefined, leftovers: 1 })
    delete process.env['GITHUB_OUTPUT']
    const values = parseFile('output', readFileSync(file, 'utf8'))
    expect(Object.keys(values)).toEqual(names)
    expect(values['result']).toBe('failed')
  })
})

describe('lines of three million characters', () => {
  test.each(LONG_TEXTS)(
    'of %s are cut in every report but run.json, and quickly',
    (_, text) => {
      const begun = process.cpuUsage()
      const run = hostileRun(text)
      const files = written(run)
      const end = terminalEnd(run.verdict, run, { width: 160, reportsPath: 'kscan-reports' })
      const log = printed(() => annotate({ ...run, runs: [], paths: new Map() } as unknown as Outcome, github()))
      const { user, system } = process.cpuUsage(begun)
      const sizes = Object.fromEntries([...files].map(([format, content]) => [format, Buffer.byteLength(content)]))
      expect(sizes['comment']).toBeLessThanOrEqual(65_000)
      expect(sizes['markdown']).toBeLessThanOrEqual(900 * 1024)
      for (const format of FORMATS.filter((each) => each !== 'run.json')) expect([format, (sizes[format] ?? 0) < 3_000_000]).toEqual([format, true])
      expect([end.length < 50_000, log.length < 50_000]).toEqual([true, true])
      expect((user + system) / 1000).toBeLessThan(20_000) // of the processor: what else the machine does has no share in it
    },
    120_000
  )
})
