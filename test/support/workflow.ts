import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'

const Scalars = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
const Step = z.looseObject({ uses: z.string().optional(), run: z.string().optional(), with: Scalars.optional(), env: Scalars.optional() })
const Job = z.looseObject({
  'runs-on': z.string(),
  'timeout-minutes': z.number(),
  permissions: z.record(z.string(), z.string()),
  env: Scalars.optional(),
  strategy: z.looseObject({ matrix: z.record(z.string(), z.array(z.string())) }).optional(),
  steps: z.array(Step)
})
const Workflow = z.looseObject({ permissions: z.strictObject({}), env: Scalars.optional(), jobs: z.record(z.string(), Job) })

export type Step = z.infer<typeof Step>
export type Job = z.infer<typeof Job>

export const readWorkflow = (file: string): z.infer<typeof Workflow> => Workflow.parse(parse(readFileSync(file, 'utf8')))

/** What the contexts of GitHub say in a job, as far as the examples ask them; of some, either of two. */
const CONTEXTS: Readonly<Record<string, readonly string[]>> = {
  'runner.temp': ['/runner/temp'],
  'github.run_attempt': ['1'],
  'steps.baseline.outputs.file': ['', 'baseline/run.json'],
  "steps.baseline.outputs.file != ''": ['false', 'true'],
  "github.event_name == 'pull_request'": ['false', 'true'],
  "github.event_name == 'pull_request' && 'baseline/run.json' || ''": ['', 'baseline/run.json'],
  "github.event_name == 'pull_request' && 'compliance' || 'compliance-main'": ['compliance-main', 'compliance']
}

/** The inputs of a step as its job can have them, with every expression replaced; one that nobody knows is an error. */
export const inputsOf = (step: Step, job: Job): Record<string, string>[] => {
  const matrix = Object.entries(job.strategy?.matrix ?? {}).map(([name, values]) => [`matrix.${name}`, values] as const)
  const contexts: Readonly<Record<string, readonly string[]>> = { ...CONTEXTS, ...Object.fromEntries(matrix) }
  const ways = Math.max(1, ...matrix.map(([, values]) => values.length), 2)
  return Array.from({ length: ways }, (_, way) =>
    Object.fromEntries(Object.entries(step.with ?? {}).map(([name, value]) => [name, replaced(String(value), contexts, way)]))
  )
}

const replaced = (text: string, contexts: Readonly<Record<string, readonly string[]>>, way: number): string =>
  text.replace(/\$\{\{ (.*?) \}\}/g, (_, expression: string) => {
    const values = contexts[expression]
    if (values === undefined) throw new Error(`what is ${expression}?`)
    return values[way % values.length] ?? ''
  })
