import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { namelessFile } from '../kernel/nameless-file.ts'
import type { Isolation } from './isolation/isolation.ts'
import type { AuditorProgram } from './program.ts'

const Sight = z.object({
  /** Of inspec.yml, as its templates make it; or why the auditor cannot read it. */
  metadata: z.union([z.object({ text: z.string() }), z.object({ error: z.string() })]),
  /** What Ruby says of source that it cannot parse, by file. */
  faults: z.array(z.string())
})

/** What the auditor would find in a profile before it runs one of its controls. */
export type Sight = z.infer<typeof Sight>

export interface LookingAhead {
  readonly auditor: Pick<AuditorProgram, 'command' | 'env'>
  readonly isolation: Pick<Isolation, 'run' | 'at'>
  /** The allow-listed environment. */
  readonly env: Readonly<Record<string, string>>
  /** Folder of ahead.rb. */
  readonly plugin: string
  /** A private folder of the run. */
  readonly folder: string
  readonly signal: AbortSignal
}

const LIMIT_MS = 15_000
const ANSWER_BYTES = 16 * 1024 * 1024

/**
 * Reads profiles as the auditor does, by its own Ruby, isolated as it is: the metadata's templates are programs. In the order of `folders`; undefined where no
 * answer comes, as from an auditor that is no program of Ruby: then what is wrong is told when it audits.
 */
export const lookAhead = async (folders: readonly string[], looking: LookingAhead): Promise<readonly Sight[] | undefined> => {
  const { auditor, isolation, signal } = looking
  const own = mkdtempSync(join(looking.folder, 'ahead-'))
  using answer = namelessFile(own)
  try {
    const ruby = { RUBYLIB: isolation.at(looking.plugin), RUBYOPT: `${auditor.env['RUBYOPT'] ?? ''} -rahead`.trim() }
    const job = {
      file: auditor.command.file,
      args: [...auditor.command.args, 'version'],
      env: { ...looking.env, ...auditor.env, ...ruby, HOME: own, TMPDIR: own, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' },
      ownHome: true,
      stdin: JSON.stringify(folders.map((folder) => isolation.at(folder))),
      descriptors: [answer.descriptor],
      timeout: LIMIT_MS,
      signal
    }
    await isolation.run(job, own)
    signal.throwIfAborted()
    return sightsIn(answer.head(Math.min(answer.size(), ANSWER_BYTES)).toString('utf8'), folders.length)
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
}

const sightsIn = (text: string, count: number): readonly Sight[] | undefined => {
  try {
    return z.array(Sight).length(count).parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
