import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeAll, expect, test } from '@jest/globals'
import { sarifSchema } from '../support/sarif-schema.ts'
import { kubectl, leftBehind, NAMESPACE } from './cluster.ts'
import { type Exampled, runExample, runOf, type Surroundings } from './example.ts'
import { inOwn, kubeconfigOf, SHOP, startShop } from './example-cluster.ts'

const PAYMENTS = `${NAMESPACE}-payments`
const UPLOAD = { 'github/codeql-action/upload-sarif': 'cp "$INPUT_sarif_file" "$FOLDER/uploaded.sarif"; echo "$INPUT_category" >"$FOLDER/category"' }

const run = (name: string, more: Surroundings = {}): Promise<Exampled> =>
  runExample(name === 'compliance' ? 'examples/workflow/compliance.yml' : `examples/github/${name}.yml`, {
    secrets: { KUBECONFIG: kubeconfigOf() },
    change: inOwn,
    ...more
  })

beforeAll(async () => {
  await startShop()
  await startShop(PAYMENTS)
}, 120_000)
afterEach(async () => {
  expect(await leftBehind()).toEqual([])
})

test("compliance: the README's workflow, whose findings reach code scanning", async () => {
  const ran = await run('compliance', { actions: { 'actions/cache': 'test -n "$INPUT_path" && test -n "$INPUT_key"', ...UPLOAD } })
  expect([ran.code, runOf(ran).targets]).toEqual([0, [expect.objectContaining({ name: `${SHOP}/web/app`, approach: 'kubernetes-api' })]])
  expect(sarifSchema()(JSON.parse(readFileSync(join(ran.folder, 'uploaded.sarif'), 'utf8')))).toBe(true)
})

test('sarif: what failed is sent, and does not stop the job', async () => {
  const ran = await run('sarif', { actions: UPLOAD })
  expect([ran.code, ran.log]).toEqual([0, expect.stringMatching(/NOT COMPLIANT[^]*enforce/)])
  const sent: unknown = JSON.parse(readFileSync(join(ran.folder, 'uploaded.sarif'), 'utf8'))
  expect([sarifSchema()(sent), readFileSync(join(ran.folder, 'category'), 'utf8')]).toEqual([true, '\n'])
  const automationDetails = { id: expect.stringMatching(/^kscan\/[0-9a-f]{16}\//) }
  expect(sent).toMatchObject({ runs: [{ automationDetails, results: expect.arrayContaining([expect.objectContaining({ ruleId: 'kscan-baseline/kb-13' })]) }] })
})

test('namespaces: a job for each, with reports of its own', async () => {
  const ran = await run('namespaces')
  expect([ran.code, [...ran.artifacts.keys()].toSorted()]).toEqual([0, [`kscan-${PAYMENTS}-1`, `kscan-${SHOP}-1`]])
  for (const namespace of [SHOP, PAYMENTS]) expect(runOf(ran, `kscan-${namespace}-1`).targets).toMatchObject([{ name: `${namespace}/web/app` }])
})

test('environments: what staging may still have, production may not', async () => {
  const strict = (text: string): string => inOwn(text).replace('compliance: { min: 60 }', 'compliance: { min: 99 }')
  const ran = await run('environments', { change: strict })
  expect([ran.code, [...ran.artifacts.keys()].toSorted()]).toEqual([1, ['kscan-production-1', 'kscan-staging-1']])
  expect(runOf(ran, 'kscan-staging-1')).toMatchObject({ cluster: { context: 'staging' }, verdict: { result: 'passed' } })
  expect(runOf(ran, 'kscan-production-1')).toMatchObject({ cluster: { context: 'production' }, verdict: { result: 'not-compliant' } })
})

/** GitHub's command line, as far as the example asks it: the last good run, and its artifact. */
const GH = `case "$*" in
"run list --workflow nightly.yml --branch main --status success --limit 1 --json databaseId --jq .[0].databaseId // empty") cat "$KEPT/id" 2>/dev/null || true ;;
"run download 4711 --name kscan-nightly --dir baseline") cp -r "$KEPT/reports" baseline ;;
*) echo "unexpected: gh $*" >&2; exit 1 ;;
esac
test -n "$GH_TOKEN" && test "$GH_REPO" = org/shop
`

test('nightly: the first run records, and a later one fails only for what is worse', async () => {
  const kept = mkdtempSync(join(tmpdir(), 'kscan-nightly-'))
  const surroundings = { programs: { gh: GH }, env: { KEPT: kept }, event: 'schedule', secrets: { KUBECONFIG: kubeconfigOf(), GITHUB_TOKEN: 'a-token' } }
  const first = await run('nightly', surroundings)
  expect([first.code, first.log]).toEqual([0, expect.stringContaining('There is none yet: this run becomes the baseline.')])
  writeFileSync(join(kept, 'id'), '4711\n')
  for (const [path, text] of first.artifacts.get('kscan-nightly') ?? []) {
    mkdirSync(dirname(join(kept, 'reports', path)), { recursive: true })
    writeFileSync(join(kept, 'reports', path), text)
  }
  await kubectl('exec', '-n', SHOP, 'deployment/web', '--', 'chmod', '666', '/etc/passwd')
  try {
    const second = await run('nightly', surroundings)
    expect([second.code, second.log]).toEqual([1, expect.stringMatching(/got 1 worse\s+\(kb-24\)/)])
  } finally {
    await kubectl('exec', '-n', SHOP, 'deployment/web', '--', 'chmod', '644', '/etc/passwd')
  }
})
