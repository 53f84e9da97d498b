import { beforeAll, describe, expect, test } from '@jest/globals'
import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import { html } from '../../src/report/html.ts'
import { hostileRun } from '../support/hostile-run.ts'
import { hostileTexts } from '../support/hostile-texts.ts'
import { open, type Seen } from './chromium.ts'

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
