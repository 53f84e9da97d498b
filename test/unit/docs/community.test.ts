import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { z } from 'zod'

const { scripts } = z.looseObject({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(readFileSync('package.json', 'utf8')))
const contributing = readFileSync('CONTRIBUTING.md', 'utf8')

describe('CONTRIBUTING.md', () => {
  const named = [...contributing.matchAll(/\bnpm (?:run )?(?:--silent )?(test(?::[\w:]+)?|(?<=run )[\w:]+)/g)].map(([, name = '']) => name)

  test('names scripts that there are', () => {
    expect([named.length > 10, named.filter((name) => !Object.hasOwn(scripts, name))]).toEqual([true, []])
  })

  test('names every suite, in its table', () => {
    const suites = Object.keys(scripts).filter((name) => /^(?:test|bench)\b/.test(name))
    const rows = [...contributing.matchAll(/^\| `npm (?:run )?([\w:]+)` \|/gm)].map(([, name = '']) => name)
    expect(rows.toSorted()).toEqual(suites.toSorted())
  })

  test('names every room of src', () => {
    const rooms = globSync('src/*', { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
    const [table = ''] = contributing.split('## How the house is built')[1]?.split('Who may import') ?? []
    expect(rooms.filter((room) => !table.includes(`\`${room}\``))).toEqual([])
    expect([...table.matchAll(/`(\w+)`/g)].map(([, name = '']) => name).filter((name) => !rooms.includes(name) && name !== 'src')).toEqual([])
  })

  test('is true of the jobs that have not run', () => {
    const { jobs } = z.looseObject({ jobs: z.record(z.string(), z.unknown()) }).parse(parse(readFileSync('.github/workflows/ci.yml', 'utf8')))
    expect(Object.keys(jobs)).toEqual(expect.arrayContaining(['ruby', 'arm64', 'macos']))
  })
})

test.each(['CONTRIBUTING.md', 'SECURITY.md'])('%s names files that there are', (file) => {
  const text = readFileSync(file, 'utf8')
  const links = [...text.matchAll(/\]\((?!https:)([^)#]+)/g)].map(([, path = '']) => path)
  const paths = [...text.matchAll(/`((?:src|scripts|test|docs|\.ci)\/[\w./*-]+)`/g)].map(([, path = '']) => path)
  const beside = [...text.matchAll(/`(?:node )(scripts\/[\w./-]+)`/g)].map(([, path = '']) => path)
  expect([...links, ...paths, ...beside].filter((path) => (path.includes('*') ? globSync(path).length === 0 : !existsSync(path)))).toEqual([])
  expect(links.length + paths.length).toBeGreaterThan(1)
})

test('SECURITY.md has no address but that of the platform', () => {
  expect(readFileSync('SECURITY.md', 'utf8')).not.toMatch(/[\w.]+@[\w-]+\.\w+|mailto:/)
})

/** A form as GitHub documents it ("Syntax for GitHub's form schema"): keys that are not known, and labels or ids that are there twice, make it invalid. */
const Text = z.string().min(1)
const Label = z.strictObject({ label: Text, required: z.boolean().optional() })
const attributes = { label: Text, description: Text.optional() }
const Id = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/)
  .optional()
const validations = z.strictObject({ required: z.boolean() }).optional()
const written = { value: Text.optional() }
const Element = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('markdown'), attributes: z.strictObject({ value: Text }) }),
  z.strictObject({ type: z.literal('input'), id: Id, attributes: z.strictObject({ ...attributes, ...written }), validations }),
  z.strictObject({ type: z.literal('textarea'), id: Id, attributes: z.strictObject({ ...attributes, ...written, render: Text.optional() }), validations }),
  z.strictObject({
    type: z.literal('dropdown'),
    id: Id,
    attributes: z.strictObject({ ...attributes, multiple: z.boolean().optional(), default: z.int().min(0).optional(), options: z.array(Text).min(1) }),
    validations
  }),
  z.strictObject({ type: z.literal('checkboxes'), id: Id, attributes: z.strictObject({ ...attributes, options: z.array(Label).min(1) }), validations })
])
const once = (values: readonly unknown[]): boolean => new Set(values).size === values.length
const Form = z
  .strictObject({
    name: Text,
    description: Text,
    title: Text.optional(),
    labels: z.array(Text).optional(),
    assignees: z.array(Text).optional(),
    projects: z.array(Text).optional(),
    type: Text.optional(),
    body: z.array(Element).min(1)
  })
  .refine(({ body }) => body.some(({ type }) => type !== 'markdown'), 'nothing can be filled in')
  .refine(({ body }) => once(body.flatMap((each) => ('id' in each && each.id !== undefined ? [each.id] : []))), 'an id is there twice')
  .refine(({ body }) => once(body.flatMap((each) => (each.type === 'markdown' ? [] : [each.attributes.label]))), 'a label is there twice')
  .refine(({ body }) => body.every((each) => each.type !== 'dropdown' || once(each.attributes.options)), 'an option is there twice')
const Config = z.strictObject({
  blank_issues_enabled: z.boolean(),
  contact_links: z.array(z.strictObject({ name: Text, url: z.url({ protocol: /^https$/ }), about: Text }))
})

describe('the forms of issues', () => {
  const files = globSync('.github/ISSUE_TEMPLATE/*.yml').toSorted()
  const forms = files.filter((file) => !file.endsWith('config.yml'))

  test('are those for a wrong answer, something left behind, and a wish', () => {
    expect(files.map((file) => file.split('/').at(-1))).toEqual(['config.yml', 'feature.yml', 'leftover.yml', 'wrong-answer.yml'])
  })

  test.each(forms)('%s is one that GitHub takes', (file) => expect(Form.safeParse(parse(readFileSync(file, 'utf8'))).error).toBeUndefined())

  test('lead to the private report', () => {
    const { contact_links: links } = Config.parse(parse(readFileSync('.github/ISSUE_TEMPLATE/config.yml', 'utf8')))
    expect(links.map(({ url }) => url)).toEqual([expect.stringMatching(/\/security\/advisories\/new$/)])
  })

  const element = { type: 'input', id: 'a', attributes: { label: 'A' } }
  test.each<[string, object]>([
    ['without a name', { description: 'x', body: [element] }],
    ['with a key that is not known', { name: 'x', description: 'x', about: 'x', body: [element] }],
    ['with nothing to fill in', { name: 'x', description: 'x', body: [{ type: 'markdown', attributes: { value: 'x' } }] }],
    ['with an id twice', { name: 'x', description: 'x', body: [element, { ...element, attributes: { label: 'B' } }] }],
    ['with a label twice', { name: 'x', description: 'x', body: [element, { ...element, id: 'b' }] }],
    ['with a type that there is not', { name: 'x', description: 'x', body: [{ ...element, type: 'text' }] }],
    ['with an option that YAML reads as something else', { name: 'x', description: 'x', body: [{ type: 'dropdown', attributes: { label: 'A', options: [true] } }] }]
  ])('one %s is told from them', (_what, form) => expect(Form.safeParse(form).success).toBe(false))
})
