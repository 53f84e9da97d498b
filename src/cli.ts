import { type Look, PLAIN_LOOK } from './command/help.ts'
import { parseArguments } from './command/program.ts'
import { refusedLineJson } from './command/refused-line.ts'
import { interruption, surviveClosedPipes } from './command/signals.ts'
import { COMMANDS } from './command/verbs.ts'
import { showsColour } from './host/colour.ts'
import { gitlabHost, isGitlab } from './host/gitlab.ts'
import { terminalHost } from './host/terminal.ts'
import { PLUGIN, VERSION } from './version.ts'

/** The command line, which is also what the GitLab component's jobs call. */
export const cli = async (): Promise<void> => {
  surviveClosedPipes()
  const parsed = parseArguments(process.argv.slice(2), VERSION, { out: lookOf(process.stdout), err: lookOf(process.stderr) })
  if (parsed.kind === 'text') {
    const stream = parsed.code === 0 ? process.stdout : process.stderr
    stream.write(parsed.text)
    const json = parsed.code === 0 ? undefined : refusedLineJson(parsed.text, process.argv.slice(2))
    if (json !== undefined) process.stdout.write(`${json}\n`)
    process.exitCode = parsed.code
    return
  }
  const { verb, verbose, quiet, ...call } = parsed.call
  const options = { env: process.env, verbose, quiet, stderr: process.stderr, stdout: process.stdout }
  const host = isGitlab(process.env) ? gitlabHost(options) : terminalHost(options)
  process.exitCode = await COMMANDS[verb]({ ...call, host, signal: interruption(), version: VERSION, plugin: PLUGIN })
}

const lookOf = (stream: NodeJS.WriteStream): Look => ({ width: stream.isTTY ? stream.columns : PLAIN_LOOK.width, colour: showsColour(stream, process.env) })
