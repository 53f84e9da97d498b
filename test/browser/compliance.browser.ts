import { describe, expect, test } from '@jest/globals'
import { complianceOf } from '../../src/report/compliance.ts'
import { html } from '../../src/report/html.ts'
import { SCRIPT } from '../../src/report/html-script.ts'
import { record, targetRecord } from '../unit/report/sample.ts'
import { judgeBy, judged, many } from '../unit/verdict/sample.ts'
import { open, type Seen } from './chromium.ts'

const HELPER = { by: 'kscan', as: 'ephemeral-container', image: 'toolbox:1', policy: 'refuses', rights: 'restricted' } as const
const TARGETS = [
  targetRecord('shop/web/app', { helpers: [] }),
  targetRecord('shop/bare/main', { approach: 'debug-container', helpers: [HELPER] }),
  targetRecord('shop/side/main', { approach: 'sidecar-container', helpers: [{ by: 'owner', as: 'container', image: 'toolbox:1', rights: 'wider' }] })
]
const done = record([], { targets: TARGETS })
const compliance = complianceOf(done)
const all = TARGETS.map(({ name }) => judged(name, many(1, 'passed')))
const report = html(judgeBy(all, []), all, { record: { ...done, compliance }, transcripts: new Map() })

/** A page of which only a script of the test runs, which tells in its title what it has measured in the section. */
const measured = (measure: string): string => {
  const section = "document.querySelector('[aria-labelledby=compliance]')"
  const script = `<script>addEventListener("load", () => { const section = ${section}; document.title = (() => { ${measure} })() })</script>`
  return `${report.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '').replace(SCRIPT, '')}${script}`
}
const titleOf = ({ dom }: Seen): string | undefined => /<title>(.*?)<\/title>/s.exec(dom)?.[1]
const SEEN = 'const seen = [...section.querySelectorAll("tbody tr")].filter((row) => row.checkVisibility() && row.getClientRects().length > 0).length;'
const ROWS = compliance.ways.reduce((sum, { assessed }) => sum + assessed.length, 0)

describe('how it was scanned, on the page in a browser without its script', () => {
  test('is folded: its tables are there, and not seen until they are opened', async () => {
    expect(titleOf(await open(measured(`${SEEN} return seen + " of " + section.querySelectorAll("tbody tr").length`)))).toBe(`0 of ${ROWS}`)
  })

  test.each([420, 800, 1280])('opens to all of its rows, and nothing runs over the edge of %d pixels', async (width) => {
    const opened = `for (const each of section.querySelectorAll('details')) each.open = true; ${SEEN}
      const { scrollWidth, clientWidth } = document.documentElement; return seen + " seen, " + Math.max(0, scrollWidth - clientWidth) + " over"`
    expect(titleOf(await open(measured(opened), width))).toBe(`${ROWS} seen, 0 over`)
  })

  test('is found from the contents, and says what it is not about', async () => {
    const { dom, requests } = await open(report)
    expect(dom).toContain('<a href="#compliance">How it was scanned</a>')
    expect(dom).toContain('It says nothing of how the containers stand.')
    expect(requests).toEqual([])
  })
})
