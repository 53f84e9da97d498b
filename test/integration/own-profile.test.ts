import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { type ApiServer, startApiServer } from '../support/api-server/server.ts'
import { audited } from '../support/audited.ts'
import { startCommandLine } from '../support/command-line.ts'
import { type Container, startContainer } from '../support/scratch/container.ts'
import { plant } from '../support/scratch/planted.ts'
import { makeRoot } from '../support/scratch/root.ts'

/** The first scan on a machine fetches the auditor. */
jest.setTimeout(120_000)

const PROGRAMS = ['sh', 'cat', 'env', 'find', 'grep', 'id', 'ls', 'readlink', 'sleep', 'stat', 'tr', 'uname', 'wc']
const VARIABLES = { PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' }

const work = mkdtempSync(join(tmpdir(), 'kscan-own-profile-'))
const containers: Container[] = []
let server: ApiServer
beforeAll(async () => {
  server = await startApiServer()
  writeFileSync(join(work, 'kubeconfig'), server.kubeconfig())
})
afterAll(async () => {
  for (const container of containers) container.stop()
  await server.close()
  rmSync(work, { recursive: true, force: true })
})

/** Outcomes of the controls in a container of planted findings, in which one program is another: `$0.real` is what it was. */
const judge = async (name: string, program: string, script: string): Promise<Map<string, string>> => {
  const root = join(work, name, 'root')
  mkdirSync(root, { recursive: true })
  makeRoot(root, PROGRAMS)
  plant(root)
  const place = join(root, 'usr', 'bin', program)
  renameSync(place, `${place}.real`)
  writeFileSync(place, `#!/bin/sh\n${script}\n`)
  chmodSync(place, 0o755)
  const container = await startContainer({ root, podFolder: join(work, name, 'pods', 'u'), name: 'main', command: ['sleep', '1000'], env: VARIABLES })
  containers.push(container)
  server.addPod({ namespace: 'shop', name, place: { env: VARIABLES, wrap: container.wrap } })
  const how = ['--approach', 'kubernetes-api', '--auditor', 'gems', '--reports', 'hdf,run.json']
  const folder = join(work, name)
  const ran = await startCommandLine(['scan', '--namespace', 'shop', '--pod', name, ...how], { folder, env: { KUBECONFIG: join(work, 'kubeconfig') } }).ended
  return new Map(audited(ran).map(({ id, outcome }) => [id.slice(3), outcome]))
}

test.each<[what: string, program: string, script: string, passed: string[]]>([
  ['no files are found', 'find', 'exit 1', ['12', '13', '14', '15', '17', '26', '27', '28', '30', '34', '35']],
  [
    'the walk ends early',
    'find',
    '"$0.real" "$@" | { IFS= read -r one; printf "%s\\n" "$one"; }; exit 1',
    ['12', '13', '14', '15', '17', '26', '27', '28', '30', '34', '35']
  ],
  ['no variables are told', 'env', 'exit 0', ['29', '38', '39', '42']],
  ['no process is told', 'cat', 'case $* in */proc/*/status*) ;; *) exec "$0.real" "$@";; esac', ['02', '03', '04', '05', '06', '31', '36', '43', '44']],
  ['no umask is told', 'cat', 'case $* in */status*) "$0.real" "$@" | grep -v ^Umask:;; *) exec "$0.real" "$@";; esac', ['44']],
  ['no search is made', 'grep', 'exit 2', ['27', '37']]
])('where %s, nothing passes for it', async (what, program, script, ids) => {
  const outcomes = await judge(what.replaceAll(' ', '-'), program, script)
  expect(outcomes.size).toBe(45)
  expect(ids.filter((id) => ['passed', 'no_impact', 'skipped'].includes(outcomes.get(id) ?? 'passed'))).toEqual([])
})

test.each([
  ['unconfined', 'failed'],
  ['system_u:system_r:spc_t:s0', 'failed'],
  ['docker-default (complain)', 'failed'],
  ['cri-containerd.apparmor.d (enforce)', 'passed'],
  ['system_u:system_r:container_t:s0:c1,c2', 'passed'],
  ['', 'no_impact']
])('the access profile %j is %s', async (profile, outcome) => {
  const script = `case $* in */attr/current) printf '%s\\n' '${profile}';; *) exec "$0.real" "$@";; esac`
  const outcomes = await judge(`access-${containers.length}`, 'cat', script)
  expect(outcomes.get('08')).toBe(outcome)
})
