import { beforeAll, describe, expect, test } from '@jest/globals'
import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import { html } from '../../src/report/html.ts'
import { hostileRun } from '../support/hostile-run.ts'
import { hostileTexts } from '../support/hostile-texts.ts'
import type { Control } from '../../src/hdf/model.ts'
import { record } from '../unit/report/sample.ts'
import { control, judgeBy, profile, results, threshold } from '../unit/verdict/sample.ts'
import { open, print, type Seen } from './chromium.ts'

/** Each text asks an address of its own. */
const TEXTS = hostileTexts().map(([tries], index) => ({ tries, text: hostileTexts(`http://evil.example/${index}`)[index]?.[1] ?? '' }))

/** One page that quotes all these texts, each in every place of a target of its own. */
const pageOf = (texts: readonly string[]): string => {
  const runs = texts.map((text) => hostileRun(text))
  const [first] = runs
  if (first === undefined) throw new Error('no text')
  const verdicts = runs.map(({ verdict }) => verdict)
  const verdict = {
    ...first.verdict,
    targets: verdicts.flatMap(({ targets }) => targets),
    violations: verdicts.flatMap(({ violations }) => violations),
    unjudgedReasons: verdicts.flatMap(({ unjudgedReasons }) => unjudgedReasons),
    safDiffers: verdicts.flatMap(({ safDiffers }) => safDiffers),
    baseline: first.verdict.baseline && {
      ...first.verdict.baseline,
      worse: verdicts.flatMap(({ baseline }) => baseline?.worse ?? []),
      fixed: verdicts.flatMap(({ baseline }) => baseline?.fixed ?? [])
    }
  }
  const records = runs.map(({ record }) => record)
  const record = {
    ...first.record,
    access: { ...first.record.access, rules: records.flatMap(({ access }) => access.rules) },
    targets: records.flatMap(({ targets }) => targets),
    compliance: { checked: '2026-12-01', ways: records.flatMap(({ compliance }) => compliance?.ways ?? []) },
    leftovers: records.flatMap(({ leftovers }) => leftovers),
    unusedWaivers: records.flatMap(({ unusedWaivers }) => unusedWaivers)
  }
  return html(
    verdict,
    runs.flatMap(({ judged }) => judged),
    { record, transcripts: new Map(runs.flatMap(({ transcripts }) => [...transcripts])) }
  )
}

/** How often each element is in a document. */
const elementsOf = (page: string): Record<string, number> => {
  const counts: Record<string, number> = {}
  const walk = (node: DefaultTreeAdapterTypes.Node): void => {
    if ('tagName' in node) counts[node.tagName] = (counts[node.tagName] ?? 0) + 1
    if ('childNodes' in node) for (const child of node.childNodes) walk(child)
  }
  walk(parse(page))
  return counts
}

const POLICY = /<meta http-equiv="Content-Security-Policy"[^>]*>/
const MEASURES =
  '<script>addEventListener("load", () => { const { scrollWidth, clientWidth } = document.documentElement; document.title = `${scrollWidth - clientWidth} over ${innerWidth}` })</script>'
const titleOf = ({ dom }: Seen): string | undefined => /<title>(.*?)<\/title>/s.exec(dom)?.[1]

const report = pageOf(TEXTS.map(({ text }) => text))
const policy = POLICY.exec(report)?.[0] ?? ''

/** The texts as they are, each in a document of its own inside one page. */
const unescaped = (head: string): string => {
  const quoted = (text: string): string => text.toWellFormed().replaceAll('&', '&amp;').replaceAll('"', '&quot;')
  return `<!DOCTYPE html><title>as they are</title>${TEXTS.map(({ text }) => `<iframe srcdoc="${quoted(`<!DOCTYPE html>${head}<p>${text}`)}"></iframe>`).join('\n')}`
}

/** Which texts have run a script, by their number. */
const ranIn = ({ requests }: Seen): Set<number> => new Set(requests.flatMap((each) => /\/(\d+)\/ran$/.exec(each)?.[1] ?? []).map(Number))

describe('the page with all hostile texts, in a browser', () => {
  let seen: Seen = { dom: '', requests: [] }
  beforeAll(async () => {
    seen = await open(report)
  })

  test('asks nothing of any host, and runs no script but its own', () => {
    expect(seen.requests).toEqual([])
    expect(titleOf(seen)).toBe('kscan: Could not scan')
    expect(seen.dom).toContain('<form id="filter" aria-label="Filter of the controls">') // its own script has shown it
  })

  test('has the elements that it has with harmless texts', async () => {
    const harmless = await open(pageOf(TEXTS.map((_, index) => `harmless ${index}`)))
    expect(harmless.requests).toEqual([])
    expect(elementsOf(seen.dom)).toEqual(elementsOf(harmless.dom))
  })

  test('needs no policy for that: without it no text runs either', async () => {
    const without = await open(report.replace(POLICY, ''))
    expect(without.requests).toEqual([])
    expect(titleOf(without)).toBe('kscan: Could not scan')
  })
})

describe('the page in a window', () => {
  const page = `${pageOf(['shop/deployment/web', 'x'.repeat(300)]).replace(POLICY, '')}${MEASURES}`

  test.each([500, 800, 1000, 1280, 1600])('%d pixels wide: nothing runs over its edge', async (width) => {
    expect(titleOf(await open(page, width))).toBe(`0 over ${width}`)
  })
})

/** 180 controls of a STIG, as it words them; most passed. */
const stigPage = (targets: readonly string[]): string => {
  const text = 'Without verification of the security functions, they may not operate correctly and the failure may go unnoticed. '.repeat(8)
  const controlOf = (index: number): Control => {
    const status = index < 10 ? 'failed' : index < 20 ? 'skipped' : index < 30 ? 'no_impact' : 'passed'
    const title = `Ubuntu 22.04 LTS must generate audit records for all account creations, modifications, disabling, and termination events of /etc/file${index}.`
    return control(`SV-${260_469 + index}`, status, { title, profile: 'stig', description: text, checkText: text, fixText: text })
  }
  const own = results(
    Array.from({ length: 180 }, (_, index) => controlOf(index)),
    [profile('stig', { title: 'Canonical Ubuntu 22.04 LTS STIG', version: '2.3.0' })]
  )
  const judged = targets.map((target) => ({ target, results: own, unjudged: [] }))
  return html(judgeBy(judged, [threshold('failed.total.max: 0')]), judged, { record: record(targets), transcripts: new Map() })
}

/** Runs a script of the test's own in the page, which leaves what it has found as the page's title. */
const measured = async (page: string, script: string, width?: number): Promise<unknown> => {
  const own = `<script>addEventListener("load", () => { document.title = JSON.stringify((() => { ${script} })()) })</script>`
  const found = titleOf(await open(`${page.replace(POLICY, '')}${own}`, width)) ?? ''
  return JSON.parse(found.replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>'))
}

/** Words of at most 20 letters that begin on one line and end on another, where neither a hyphen nor a slash lets them. */
const BROKEN = `
const broken = []
for (const cell of document.querySelectorAll('td, th, .row > summary > span')) {
  const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode())
    for (const { 0: word, index } of node.data.matchAll(/[\\w.]{2,20}/g)) {
      const range = document.createRange()
      range.setStart(node, index)
      range.setEnd(node, index + word.length)
      if (new Set([...range.getClientRects()].filter(({ width }) => width > 0).map(({ top }) => Math.round(top))).size > 1) broken.push(word)
    }
}
return broken`

const LINES = `
return Math.max(...[...document.querySelectorAll('.row > summary .what')].map((each) => {
  return Math.round(each.getBoundingClientRect().height / parseFloat(getComputedStyle(each).lineHeight))
}))`

/** The page as a frame of that width: no window is as narrow as a phone. */
const inFrame = (page: string, width: number): string =>
  `<!DOCTYPE html><title></title><iframe width="${width}" height="800" style="border: 0" srcdoc="${page.replace(POLICY, '').replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"></iframe>`

describe('a page of 180 controls', () => {
  const ONE = ['shop/deployment/web/main']
  const TWO = ['shop/deployment/storefront/main', 'shop/deployment/orders/main']

  test.each([ONE, TWO])('has rows of one or two lines in a window of 1280 pixels: %s', async (...targets) => {
    expect(await measured(stigPage(targets), LINES)).toBeLessThanOrEqual(2)
  })

  test.each([1280, 1600])('breaks no word of a cell in a window of %d pixels', async (width) => {
    expect(await measured(stigPage(TWO), BROKEN, width)).toEqual([])
  })

  test('breaks words where the style does not hold them together: the measure sees it', async () => {
    const narrow = '<style>table { table-layout: fixed; width: 20rem !important }</style>'
    expect(await measured(`${stigPage(TWO).replace(POLICY, '')}${narrow}`, BROKEN)).not.toEqual([])
  })

  test.each([390, 360])('fits on a phone of %d pixels', async (width) => {
    const script = "const { scrollWidth, clientWidth } = document.querySelector('iframe').contentDocument.documentElement; return scrollWidth - clientWidth"
    expect(await measured(inFrame(stigPage(TWO), width), script)).toBe(0)
  })

  test('is short on paper: what passed or does not apply stays closed', async () => {
    const page = stigPage(ONE)
    const pages = await print(page)
    expect(pages).toBeGreaterThan(5)
    expect(pages).toBeLessThan(30)
    expect(await print(page.replaceAll('<details class="row"', '<details open class="row"'))).toBeGreaterThan(3 * pages)
  })
})

describe('the same texts, not escaped', () => {
  test('run and ask: what the tests above look for does happen', async () => {
    const seen = await open(unescaped(''))
    const ran = ranIn(seen)
    const scripts = TEXTS.flatMap(({ tries }, index) => (ran.has(index) ? [tries] : []))
    for (const tries of ['a script', 'a module', 'an image that fails', 'a drawing that loads', 'a fold that opens', 'the ends of texts'])
      expect(scripts).toContain(tries)
    expect(scripts.length).toBeGreaterThanOrEqual(12)
    expect(seen.requests.filter((each) => !each.endsWith('/ran')).length).toBeGreaterThanOrEqual(8)
  })

  test('do neither under the policy of the page', async () => {
    const seen = await open(unescaped(policy))
    expect([...ranIn(seen)]).toEqual([])
  })
})
