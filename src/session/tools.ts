import { ScanError } from '../kernel/error.ts'
import type { CommandOutcome } from './command.ts'

/** Tools without which many resources of an auditor cannot be judged, and which ones. */
export const TOOLS: Readonly<Record<string, string>> = {
  getent: 'user',
  ps: 'processes, service',
  stat: 'file, directory'
}

/** Which of them a container lacks. Throws SESSION_FAILED when it does not say. */
export const lackingTools = async (inspect: (code: Uint8Array) => Promise<CommandOutcome>): Promise<string[]> => {
  const names = Object.keys(TOOLS)
  const outcome = await inspect(Buffer.from(names.map((name) => `command -v ${name} >/dev/null 2>&1 || echo ${name}`).join('; ')))
  if (outcome.kind !== 'done') throw new ScanError('SESSION_FAILED', `Which tools the container has could not be asked: ${outcome.message}`)
  const said = outcome.stdout.toString('utf8').split('\n')
  return names.filter((name) => said.includes(name))
}
