import { execFileSync } from 'node:child_process'

/** What a release does to the world: programs that it starts, and requests to GitHub. A rehearsal says them and does none. */
export interface Outside {
  readonly rehearsal: boolean
  readonly say: (text: string) => void
  /** What the program wrote to its standard output; nothing in a rehearsal. Throws when it fails. */
  readonly run: (file: string, args: readonly string[], stdin?: string) => string
  readonly env: Readonly<Record<string, string | undefined>>
}

export const outside = (rehearsal: boolean, env: Outside['env'], say: Outside['say']): Outside => {
  return {
    rehearsal,
    say,
    env,
    run: (file, args, stdin = '') => {
      say(`${rehearsal ? 'would run' : 'running'}: ${[file, ...args].join(' ')}`)
      if (rehearsal) return ''
      return execFileSync(file, args, { input: stdin, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'], maxBuffer: 64 * 1024 * 1024, env: { ...env } })
    }
  }
}

/** A variable that the workflow sets. */
export const needed = ({ env, rehearsal }: Outside, name: string, rehearsed: string): string => {
  const value = env[name] ?? ''
  if (value !== '') return value
  if (rehearsal) return rehearsed
  throw new Error(`${name}: expected a value in the environment, got none. The workflow release.yml sets it.`)
}
