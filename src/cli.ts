import { parseArguments } from './command/program.ts'
import { interruption, surviveClosedPipes } from './command/signals.ts'
import { COMMANDS } from './command/verbs.ts'
import { terminalHost } from './host/terminal.ts'
import { PLUGIN, VERSION } from './version.ts'

/** The command line. */
export const cli = async (): Promise<void> => {
  surviveClosedPipes()
  const parsed = parseArguments(process.argv.slice(2), VERSION)
  if (parsed.kind === 'text') {
    const stream = parsed.code === 0 ? process.stdout : process.stderr
    stream.write(parsed.text)
    process.exitCode = parsed.code
    return
  }
  const { verb, verbose, ...call } = parsed.call
  const host = terminalHost({ env: process.env, verbose, stderr: process.stderr, stdout: process.stdout })
  process.exitCode = await COMMANDS[verb]({ ...call, host, signal: interruption(), version: VERSION, plugin: PLUGIN })
}
