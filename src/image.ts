import { showFailure, toFailure } from './command/failure.ts'
import { installAuditor } from './command/install-auditor.ts'
import { terminalHost } from './host/terminal.ts'
import { PLUGIN } from './version.ts'

/** What image/Dockerfile calls while it is built: a failure ends the program with its exit code, and is said. */
export const image = async (): Promise<void> => {
  const { signal } = new AbortController()
  const host = terminalHost({ env: process.env, verbose: false, stderr: process.stderr, stdout: process.stdout })
  try {
    await installAuditor({ host, plugin: PLUGIN, signal })
  } catch (error) {
    const failure = toFailure(error, signal)
    showFailure(failure, host.log)
    process.exitCode = failure.exitCode
  }
}
