import type { Request } from './command/request.ts'
import { interruption, surviveClosedPipes } from './command/signals.ts'
import { COMMANDS } from './command/verbs.ts'
import { githubHost, LIMITS } from './host/github.ts'
import type { ExitCode } from './kernel/error.ts'
import { PLUGIN, VERSION } from './version.ts'

/**
 * The GitHub Action's main step: it scans. Its post step is a program of its own, for what a step finds in its environment may be a former step's doing: were it
 * to tell the one from the other, that step could turn the scan into a clean-up, which passes.
 */
export const action = (limits = LIMITS): Promise<void> => step(limits, (request) => COMMANDS.scan(request))

/** The post step: it undoes what a killed main step left, and nothing but that. */
export const post = (limits = LIMITS): Promise<void> => step(limits, (request, seal) => COMMANDS.cleanup({ ...request, seal }))

const step = async (limits: typeof LIMITS, work: (request: Request, seal: string) => Promise<ExitCode>): Promise<void> => {
  surviveClosedPipes()
  const core = await import(/* webpackMode: "eager" */ '@actions/core')
  const host = githubHost({ core, artifact: () => import(/* webpackMode: "eager" */ './host/artifact.ts') }, process.env, limits)
  const request: Request = {
    flags: new Map(),
    files: [],
    run: undefined,
    sweep: false,
    expired: false,
    json: false,
    host,
    signal: interruption(),
    version: VERSION,
    plugin: PLUGIN
  }
  process.exitCode = await work(request, core.getState('journal'))
  endSoon()
}

const LINGER_MS = 1000

/** All is undone and said. What was given up, as an upload that nobody answers, would keep the process alive until it gives up by itself. */
const endSoon = (): void => {
  // oxlint-disable-next-line unicorn/no-process-exit
  setTimeout(() => process.exit(), LINGER_MS).unref()
}
