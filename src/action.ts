import { interruption, surviveClosedPipes } from './command/signals.ts'
import { COMMANDS } from './command/verbs.ts'
import { githubHost, LIMITS } from './host/github.ts'
import { PLUGIN, VERSION } from './version.ts'

/** The GitHub Action: its main step scans; its post step undoes what a killed main step left. */
export const action = async (limits = LIMITS): Promise<void> => {
  surviveClosedPipes()
  const core = await import(/* webpackMode: "eager" */ '@actions/core')
  const host = githubHost({ core, artifact: () => import(/* webpackMode: "eager" */ '@actions/artifact') }, process.env, limits)
  const run = core.getState('run')
  const request = {
    flags: new Map(),
    files: [],
    run: run === '' ? undefined : run,
    sweep: false,
    expired: false,
    json: false,
    host,
    signal: interruption(),
    version: VERSION,
    plugin: PLUGIN
  }
  const post = core.getState('main') === 'done'
  core.saveState('main', 'done')
  process.exitCode = await (post ? COMMANDS.cleanup(request) : COMMANDS.scan(request))
  endSoon()
}

const LINGER_MS = 1000

/** All is undone and said. What was given up, as an upload that nobody answers, would keep the process alive until it gives up by itself. */
const endSoon = (): void => {
  // oxlint-disable-next-line unicorn/no-process-exit
  setTimeout(() => process.exit(), LINGER_MS).unref()
}
