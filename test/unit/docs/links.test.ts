import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, normalize, relative } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import type { Nodes } from 'mdast'
import { z } from 'zod'
import { slugOf } from '../../../site/slug.ts'

interface Document {
  readonly links: readonly string[]
  readonly anchors: ReadonlySet<string>
}

const textOf = (node: Nodes): string => ('children' in node ? node.children.map(textOf).join('') : 'value' in node ? node.value : '')

const walk = (node: Nodes, see: (node: Nodes) => void): void => {
  see(node)
  if ('children' in node) for (const child of node.children) walk(child, see)
}

const readDocument = (file: string): Document => {
  const links: string[] = []
  const anchors = new Set<string>()
  walk(fromMarkdown(readFileSync(file), { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }), (node) => {
    if (node.type === 'link' || node.type === 'image' || node.type === 'definition') links.push(node.url)
    if (node.type !== 'heading') return
    const slug = slugOf(textOf(node))
    let unique = slug
    for (let count = 1; anchors.has(unique); count += 1) unique = `${slug}-${count}`
    anchors.add(unique)
  })
  return { links, anchors }
}

const FILES = ['README.md', 'CHANGELOG.md', ...globSync('*/README.md', { exclude: ['node_modules', 'lib'] }), ...globSync('docs/*.md')]
const documents = new Map(FILES.map((file) => [normalize(file), readDocument(file)]))

/** What is wrong with a link of a document; undefined when nothing is. Nothing of the internet is asked. */
const faultOf = (file: string, link: string): string | undefined => {
  if (/^[a-z][a-z+.-]*:/i.test(link)) return URL.canParse(link) && /^https:\/\/[^/]+\.[a-z]+(\/|$)/.test(link) ? undefined : `${link}: no https address`
  const [path = '', anchor] = link.split('#')
  const aim = path === '' ? file : normalize(join(dirname(file), decodeURIComponent(path)))
  if (aim.startsWith('..') || !existsSync(aim)) return `${link}: there is no ${aim}`
  if (file.startsWith('gitlab/') && !aim.startsWith('gitlab/')) return `${link}: leads out of what is a project of its own`
  if (statSync(aim).isDirectory()) return `${link}: a folder`
  return anchor === undefined || documents.get(aim)?.anchors.has(anchor) === true ? undefined : `${link}: ${aim} has no such heading`
}

test.each([...documents.keys()])('each link of %s leads to something', (file) => {
  const { links } = documents.get(file) ?? { links: [] }
  expect(links.flatMap((link) => faultOf(file, link) ?? [])).toEqual([])
})

test('a link that leads nowhere is found', () => {
  const wrong = ['nowhere.md', 'kind.md#nowhere', '../../x', '#nowhere', 'http://example.com/', 'https://nowhere', 'javascript:x']
  expect(wrong.flatMap((link) => faultOf('docs/index.md', link) ?? [])).toHaveLength(wrong.length)
})

describe('the site', () => {
  const groups = z.array(z.strictObject({ text: z.string(), pages: z.record(z.string(), z.string()) })).parse(JSON.parse(readFileSync('site/sidebar.json', 'utf8')))
  const pages = groups.flatMap((group) => Object.keys(group.pages))

  test('has each page of docs in its sidebar, once', () => {
    const written = globSync('docs/**/*.md').map((file) => relative('docs', file).replace(/\.md$/, ''))
    expect(pages.toSorted()).toEqual(written.toSorted())
  })

  test('has them in the order and groups of docs/index.md', () => {
    const index = readFileSync('docs/index.md', 'utf8')
    const headings = [...index.matchAll(/^## (.*)$/gm)].map(([, text]) => text)
    const links = documents.get('docs/index.md')?.links.map((link) => basename(link, '.md'))
    expect([headings, ['index', ...(links ?? [])]]).toEqual([groups.map(({ text }) => text), pages])
  })
})
