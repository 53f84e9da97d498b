// groups.ts NAME: looks for a cgroup as a scan does, and tries what it bounds. Prints `KSCAN` and a line of JSON. A program of its own, so that it runs in any Linux.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cgroupsNamed, endCgroup, enter, findCgroupParent, makeCgroup, removeCgroup } from '../../../src/process/cgroup.ts'
import { run } from '../../../src/process/run.ts'

const NAME = 'kscan-abcdefghij'
const env = { PATH: process.env['PATH'] ?? '' }

/** What a shell in a cgroup came to, and how many processes were in it. */
const tried = async (parent: string, script: string, prepare: (folder: string) => void = () => {}) => {
  const group = makeCgroup(parent, NAME)
  prepare(group.folder)
  const started = run({ ...enter(group, { file: '/bin/sh', args: ['-c', script] }), env, timeout: 60_000, endAll: () => endCgroup(group.folder) })
  const { reason, exitCode, signal, stdout } = await started
  const removed = await removeCgroup(group.folder)
  return { ended: [reason, exitCode, signal], stdout: stdout.trim(), removed }
}

const commands = (): string[] => readdirSync('/proc').flatMap((pid) => (/^\d+$/.test(pid) ? [commandOf(pid)] : []))

const commandOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim()
  } catch {
    return '' // it has ended
  }
}

/** Without anything by which it could be known but its cgroup. */
const ESCAPED = 'env -i setsid /bin/sleep 4321 >/dev/null 2>&1 </dev/null & sleep 1; exit 0'
const BOMB = 'n=0; trap "echo \\$n" EXIT; while [ $n -lt 400 ]; do sleep 30 & n=$((n+1)); done'
const HOG = 'head -c 100000000 /dev/zero | tail -c 90000000 | wc -c; echo alive'

const attacks = async (parent: string, bounded: boolean) => ({
  escaped: { ...(await tried(parent, ESCAPED)), left: commands().filter((each) => each.includes('sleep 4321')) },
  ...(bounded ? { bomb: await tried(parent, BOMB), hog: await tried(parent, HOG, (folder) => lower(join(folder, 'memory.max'))) } : {})
})

/** To take as much as is allowed would be slow here. */
const lower = (file: string): void => {
  if (readFileSync(file, 'utf8').trim() !== String(4 * 1024 ** 3)) throw new Error('memory is not bounded')
  writeFileSync(file, '40M')
}

const [, , name] = process.argv
const found = await findCgroupParent(NAME, async (program) => (await run({ ...program, env })).exitCode === 0)
const came = typeof found === 'string' ? { none: found } : { ...found, ...(await attacks(found.parent, name === 'given')) }
console.log(`KSCAN${JSON.stringify({ name, ...came, left: cgroupsNamed(NAME) })}`)
