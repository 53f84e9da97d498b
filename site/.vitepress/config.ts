import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { defineConfig, type MarkdownRenderer } from 'vitepress'
import { slugOf } from '../slug.ts'

const REPOSITORY = 'https://github.com/org/kscan-action/blob/main'
const SITE = resolve(import.meta.dirname, '..')

/** The pages in the order in which they are read, by groups: name and title of each. */
const groups = JSON.parse(readFileSync(join(SITE, 'sidebar.json'), 'utf8')) as readonly { text: string; pages: Readonly<Record<string, string>> }[]
const sidebar = groups.map(({ text, pages }) => ({ text, items: Object.entries(pages).map(([name, title]) => ({ text: title, link: `/${name}` })) }))

// Pages are programs that import vue, which is found from below this folder only.
const PAGES = join(SITE, 'pages')
rmSync(PAGES, { recursive: true, force: true })
cpSync(join(SITE, '../docs'), PAGES, { recursive: true })

/** A diagram is drawn by a component of the theme. */
const drawDiagrams = ({ renderer }: MarkdownRenderer): void => {
  const { fence } = renderer.rules
  renderer.rules.fence = (tokens, index, options, env, self) => {
    const token = tokens[index]
    if (token?.info.trim() === 'mermaid') return `<Diagram source="${encodeURIComponent(token.content)}" />`
    return fence?.(tokens, index, options, env, self) ?? ''
  }
}

/** What is no page (examples, schemas) is shown where the repository is. */
const leadOut = ({ core }: MarkdownRenderer): void => {
  core.ruler.push('lead-out', ({ tokens }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.attrGet('href')
      if (href === null || !/^\.\.\/|^[\w.-]+\.json$/.test(href)) continue
      token.attrSet('href', REPOSITORY + new URL(href, 'file:///docs/').pathname)
    }
  })
}

export default defineConfig({
  title: 'kscan',
  description: 'Scans running Kubernetes containers against compliance profiles, and fails the job when the result misses a threshold',
  srcDir: 'pages',
  outDir: 'dist',
  cacheDir: 'node_modules/.cache/vitepress',
  // The library of diagrams comes built, in parts, of which a page loads those that it draws with.
  buildEnd: ({ outDir }) => {
    const from = join(SITE, 'node_modules/mermaid/dist')
    for (const part of ['mermaid.esm.min.mjs', 'chunks/mermaid.esm.min'])
      cpSync(join(from, part), join(outDir, 'mermaid', part), { recursive: true, filter: (file) => !file.endsWith('.map') })
  },
  themeConfig: { sidebar, outline: [2, 3], search: { provider: 'local' } },
  markdown: {
    anchor: { slugify: slugOf },
    config: (markdown) => {
      drawDiagrams(markdown)
      leadOut(markdown)
    }
  }
})
