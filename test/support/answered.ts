import type { CommandOutcome } from '../../src/session/command.ts'

type Done = CommandOutcome & { kind: 'done' }

/** A command that came to its end. */
export const answered = (
  status: number,
  { stdout = '', stderr = '', unseen = [] }: { stdout?: string; stderr?: string; unseen?: readonly string[] } = {}
): Done => ({
  kind: 'done',
  status,
  stdout: Buffer.from(stdout),
  stderr: Buffer.from(stderr),
  unseen
})
