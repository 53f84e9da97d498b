import { execFileSync } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { extname, join, normalize, relative } from 'node:path'
import { beforeAll, describe, expect, jest, test } from '@jest/globals'
import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import { z } from 'zod'
import { type Seen, visit } from './chromium.ts'

jest.setTimeout(400_000) // the site is built, and each page is opened

const SITE = 'http://docs.example'
const DIST = 'site/dist'
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json'
}

/** Tells the page around it of each error. */
const LISTENER = `<script>{
  const tell = (what) => parent.faults.push(String(what).slice(0, 300))
  addEventListener('error', (event) => tell(event.message ?? 'something did not load'), true)
  addEventListener('unhandledrejection', (event) => tell(event.reason))
  for (const kind of ['error', 'warn']) console[kind] = (...words) => tell(words.join(' '))
}</script>`

/** Opens one page after the other in a frame of that width, waits until its diagrams are drawn, and writes down what it saw. */
const tour = (pages: readonly string[], width: number): string => `<!DOCTYPE html><body><script type="module">
  const seen = []
  for (const page of ${JSON.stringify(pages)}) {
    globalThis.faults = []
    const frame = document.createElement('iframe')
    frame.style = 'width: ${width}px; height: 900px; border: 0'
    frame.src = page
    await new Promise((done) => { frame.onload = done; document.body.append(frame) })
    const { contentDocument: inside } = frame
    const drawn = () => [...inside.querySelectorAll('.diagram svg')].filter((svg) => svg.getBoundingClientRect().height > 50).length
    const wanted = inside.querySelectorAll('.diagram').length
    for (let waited = 0; waited < 8000 && (drawn() < wanted || waited < 500); waited += 100) await new Promise((done) => setTimeout(done, 100))
    const { scrollWidth, clientWidth } = inside.documentElement
    const broken = [...inside.images].filter((image) => image.complete && image.naturalWidth === 0).length
    seen.push({ page, over: scrollWidth - clientWidth, width: clientWidth, wanted, drawn: drawn(), broken, heading: inside.querySelector('h1')?.innerText ?? '', faults })
    frame.remove()
  }
  document.body.textContent = JSON.stringify(seen)
</script>`

const Stop = z.strictObject({
  page: z.string(),
  over: z.number(),
  width: z.number(),
  wanted: z.number(),
  drawn: z.number(),
  broken: z.number(),
  heading: z.string(),
  faults: z.array(z.string())
})

const fileOf = (path: string): string | undefined =>
  [join(DIST, path), join(DIST, `${path}.html`), join(DIST, path, 'index.html')].find((file) => extname(file) !== '' && existsSync(file))

const walk = (node: DefaultTreeAdapterTypes.Node, see: (element: DefaultTreeAdapterTypes.Element) => void): void => {
  if ('tagName' in node) see(node)
  if ('childNodes' in node) for (const child of node.childNodes) walk(child, see)
}

const valuesOf = (file: string, name: string, tag?: string): string[] => {
  const values: string[] = []
  walk(parse(readFileSync(file, 'utf8')), ({ tagName, attrs }) => {
    if (tag === undefined || tag === tagName) values.push(...attrs.filter((attr) => attr.name === name).map(({ value }) => value))
  })
  return values
}

let pages: string[]
beforeAll(() => {
  execFileSync('npm', ['run', '--silent', 'site'], { stdio: 'pipe' })
  pages = globSync('docs/*.md').map((file) => `/${relative('docs', file).replace(/\.md$/, '')}`)
})

const diagramsIn = (page: string): number =>
  readFileSync(`docs${page}.md`, 'utf8')
    .split('\n')
    .filter((line) => line === '```mermaid').length

describe.each([1280, 390])('%d pixels wide', (width) => {
  let seen: Seen
  let stops: z.infer<typeof Stop>[]
  beforeAll(async () => {
    seen = await visit(`${SITE}/tour`, {
      width: 1400,
      patience: 300_000,
      answer: (address) => {
        const { pathname } = new URL(address, SITE)
        if (pathname === '/tour') return { type: 'text/html', body: tour(pages, width) }
        const file = fileOf(pathname)
        if (file === undefined) return undefined
        const body = readFileSync(file)
        return {
          type: TYPES[extname(file)] ?? 'application/octet-stream',
          body: file.endsWith('.html') ? body.toString().replace('<head>', `<head>${LISTENER}`) : body
        }
      }
    })
    const [text = ''] = /\[\{.*\}\]/s.exec(seen.dom) ?? []
    stops = z.array(Stop).parse(JSON.parse(text.replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>')))
  })

  test('each page opens, without an error, and with its pictures', () => {
    expect(stops.map(({ page }) => page)).toEqual(pages)
    expect(stops.filter(({ faults, heading, broken }) => faults.length > 0 || heading === '' || broken > 0)).toEqual([])
  })

  test('nothing runs over the edge of a page', () => {
    expect(stops.filter((stop) => stop.over > 0 || Math.abs(stop.width - width) > 20)).toEqual([])
  })

  test('each diagram is drawn', () => {
    expect(stops.map(({ page, drawn }) => [page, drawn])).toEqual(pages.map((page) => [page, diagramsIn(page)]))
    expect(stops.reduce((sum, { drawn }) => sum + drawn, 0)).toBeGreaterThanOrEqual(4)
  })

  test('nothing is asked of any other host', () => {
    const asked = seen.requests.filter((each) => !each.startsWith(`GET ${SITE}/`))
    expect([seen.requests.length > pages.length, asked]).toEqual([true, []])
  })
})

test('each link within the site leads to a page that is there, and to a heading of it', () => {
  const files = globSync(`${DIST}/*.html`).filter((file) => !file.endsWith('404.html'))
  const ids = new Map(files.map((file) => [file, new Set(valuesOf(file, 'id'))]))
  const wrong = files.flatMap((file) =>
    valuesOf(file, 'href', 'a').flatMap((href) => {
      const { origin, pathname, hash } = new URL(href, `${SITE}/${relative(DIST, file)}`)
      if (origin !== SITE) return []
      const aim = fileOf(pathname)
      return aim !== undefined && (hash === '' || ids.get(aim)?.has(decodeURIComponent(hash.slice(1))) === true) ? [] : [`${normalize(file)}: ${href}`]
    })
  )
  expect([files.length, wrong]).toEqual([pages.length, []])
})
