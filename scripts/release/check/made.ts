import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Disagreement, House } from './house.ts'

interface Maker {
  readonly where: string
  readonly script: string
  readonly remedy: string
}

/** What is made from the sources and committed. */
const MAKERS: readonly Maker[] = [
  { where: 'dist', script: 'scripts/build.ts', remedy: 'Run npm run build.' },
  { where: 'what npm run tables makes (action.yml, the template of the component, …)', script: 'scripts/tables.ts', remedy: 'Run npm run tables.' }
]

/** Makes it again, and compares: dist byte by byte. */
export const madeDisagreements = async (house: House): Promise<Disagreement[]> => (await Promise.all(MAKERS.map((maker) => againstFresh(house, maker)))).flat()

const againstFresh = async ({ root }: House, { where, script, remedy }: Maker): Promise<Disagreement[]> => {
  const child = spawn(process.execPath, [join(root, script), '--check'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number>((done) => child.once('error', () => done(-1)).once('close', (code) => done(code ?? -1)))
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  if (code === 0) return []
  const got = `${stdout}${stderr}`.trim().split('\n').slice(0, 20).join('; ') || `exit ${code}`
  return [{ topic: 'made', where, expected: 'what the sources give', got, remedy }]
}
