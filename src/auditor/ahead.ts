import type { CommandOutcome } from '../session/command.ts'

type Run = (command: Uint8Array, timeout: number) => Promise<CommandOutcome>

/**
 * What Train asks of every target to find out its platform, before it loads a profile, in its words (train 3, train/platforms/detect). Where a version
 * asks otherwise, that is not known ahead, and nothing else is lost.
 */
const ASKED_FIRST: readonly string[] = [
  'cmd.exe /c ver',
  'Get-WmiObject Win32_OperatingSystem | Select Caption,Version | ConvertTo-Json',
  'uname -s',
  'uname -m',
  'test -f /etc/debian_version',
  ...['/etc/lsb-release', '/usr/bin/lsb-release', '/etc/os-release'].map((path) => `test -f ${path} && cat ${path}`),
  'test -f /usr/bin/raspi-config',
  'test -f /etc/debian_version && cat /etc/debian_version'
]

/**
 * Asks these while the auditor still starts, when the session has nothing else to do. An answer is given once, and only until another command is run,
 * which may have changed what it says. Milliseconds.
 */
export const askAhead = (run: Run, timeout: number): Run => {
  const ahead = new Map(ASKED_FIRST.map((command) => [command, run(Buffer.from(command), timeout)]))
  return (command, limit) => {
    const text = Buffer.from(command).toString('utf8')
    const known = ahead.get(text)
    if (known === undefined) ahead.clear()
    else ahead.delete(text)
    return known ?? run(command, limit)
  }
}
