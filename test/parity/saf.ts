import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'

/** What the SAF CLI said, and how it ended. */
export interface SafRun {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Controls by `status.severity` of each profile, as inspecjs counts; nothing where it throws. */
export type SafCounts = readonly { readonly name: string; readonly cells: Readonly<Record<string, number>> }[] | undefined

const Answer = z.object({
  id: z.number().optional(),
  exitCode: z.number().optional(),
  stdout: z.string().optional(),
  stderr: z.string().optional(),
  counts: z.array(z.object({ name: z.string(), cells: z.record(z.string(), z.number()) })).optional(),
  thrown: z.string().optional()
})
type Answer = z.infer<typeof Answer>

export const PASSED = 'All validation tests passed\n'

/** One process that runs SAF's command again and again, in a scratch folder of its own: SAF writes a log where it stands. */
export class Saf implements AsyncDisposable {
  readonly folder: string
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, (answer: Answer) => void>()
  readonly #ended: Promise<unknown>
  readonly #ready: Promise<unknown>
  #last = 0

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'kscan-parity-'))
    const program = resolve('test/parity/saf-process.mjs')
    const env = { PATH: process.env['PATH'] ?? '', HOME: this.folder, SAF_SKIP_NEW_VERSION_CHECK: 'true' }
    this.#child = spawn(process.execPath, [program], { cwd: this.folder, env, stdio: ['pipe', 'pipe', 'ignore'] })
    this.#ended = new Promise((done) => this.#child.once('close', done))
    const ready = Promise.withResolvers<unknown>()
    this.#ready = ready.promise
    const lines = createInterface({ input: this.#child.stdout ?? process.stdin })
    lines.on('line', (line) => {
      const answer = Answer.parse(JSON.parse(line))
      if (answer.id === undefined) ready.resolve(answer)
      else this.#waiting.get(answer.id)?.(answer)
    })
  }

  /** A file in the scratch folder. */
  file(name: string, text: string): string {
    const path = join(this.folder, name)
    mkdirSync(this.folder, { recursive: true })
    writeFileSync(path, text)
    return path
  }

  /** `saf validate threshold` with these arguments. */
  async validate(argv: readonly string[]): Promise<SafRun> {
    const { exitCode, stdout, stderr, thrown } = await this.#ask({ argv })
    if (exitCode === undefined || stdout === undefined || stderr === undefined) throw new Error(`SAF: ${thrown ?? 'no answer'}`)
    return { exitCode, stdout, stderr }
  }

  /** The same for texts, by way of files. */
  async judge(hdf: string, threshold: string): Promise<SafRun> {
    return await this.validate(['-i', this.file('results.json', hdf), '-T', this.file('threshold.yaml', threshold)])
  }

  async count(hdf: string): Promise<SafCounts> {
    return await this.countFile(this.file('results.json', hdf))
  }

  /** The same of a file as it is; its path is absolute. */
  async countFile(path: string): Promise<SafCounts> {
    return (await this.#ask({ count: path })).counts
  }

  async #ask(request: { readonly argv: readonly string[] } | { readonly count: string }): Promise<Answer> {
    await this.#ready
    this.#last += 1
    const id = this.#last
    const answered = new Promise<Answer>((done) => this.#waiting.set(id, done))
    this.#child.stdin?.write(`${JSON.stringify({ id, ...request })}\n`)
    const answer = await Promise.race([answered, this.#ended])
    this.#waiting.delete(id)
    return Answer.parse(answer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin?.end()
    await this.#ended
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** The bound that SAF names: it stops at the first that is violated. */
export const namedBy = ({ stderr }: SafRun): string | undefined => {
  const compliance = /Overall compliance (min|max)imum/.exec(stderr)
  if (compliance !== null) return `compliance.${compliance[1]}`
  return /Error: (?:Expected )?([a-z_.]+?)(?::| to contain)/.exec(stderr)?.[1]
}
