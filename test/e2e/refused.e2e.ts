import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { kscan, type Ran } from './cli.ts'
import { NAMESPACE, removePod, startPod, untilReady } from './cluster.ts'

/** As Debian's systemctl says it where systemd does not run, and psql where a server asks for a password; gosu executes what it is given. */
const TOOLS: Readonly<Record<string, string>> = {
  '/usr/bin/systemctl':
    'case $1 in is-enabled) echo enabled;; *) echo "System has not been booted with systemd as init system (PID 1). Can\'t operate." >&2; exit 1;; esac',
  '/usr/bin/psql': 'echo "psql: error: connection to server at \\"localhost\\" (127.0.0.1), port 5432 failed: fe_sendauth: no password supplied" >&2; exit 2',
  '/usr/bin/gosu': 'shift; exec "$@"'
}
const UNITS = '/etc/systemd/system/multi-user.target.wants'

const written = Object.entries(TOOLS).map(([path, text]) => `printf '%s\\n' '#!/bin/sh' '${text.replaceAll("'", "'\\''")}' >${path}; chmod 755 ${path}`)
const asDebian = [...written, `mkdir -p ${UNITS}; : >/etc/systemd/system/telnet.service; ln -s ../telnet.service ${UNITS}`, 'sleep 100000 & wait'].join('\n')

/** Kubernetes reads `$$` and `$( )` in a command; `$1` and `$@` stay. */
const container = (name: string, script: string): Record<string, unknown> => ({
  containers: [{ name, command: ['sh', '-c', script], image: `test.local/${name === 'refused' ? 'debian' : 'busybox'}:1`, imagePullPolicy: 'Never' }]
})

beforeAll(async () => {
  await startPod('refused', container('refused', asDebian))
  await startPod(
    'refused-busybox',
    container('refused-busybox', 'cp /bin/busybox /tmp/suid; chmod 4755 /tmp/suid; sleep 100000 & wait'),
    'test.local/busybox:1'
  )
  await Promise.all(['refused', 'refused-busybox'].map(untilReady))
})
afterAll(() => Promise.all(['refused', 'refused-busybox'].map(removePod)))

interface Told {
  readonly verdict: { readonly targets: readonly { readonly unjudged: readonly { readonly control: string; readonly cause: string }[] }[] }
  readonly targets: readonly { readonly services: readonly { readonly service: string; readonly ground: string }[] }[]
}

const scan = (pod: string, controls: string): Promise<Ran> => {
  const profile = resolve('test/fixtures/profiles/refused/controls', `${controls}.rb`)
  const line = `scan --namespace ${NAMESPACE} --pod ${pod} --profile ${profile} --container-detection native --threshold`
  return kscan([...line.split(' '), 'compliance: {min: 0}'])
}

const told = ({ folder }: Ran): Told => JSON.parse(readFileSync(join(folder, 'kscan-reports', 'run.json'), 'utf8')) as Told
const causes = (ran: Ran): Record<string, string> =>
  Object.fromEntries(told(ran).verdict.targets.flatMap(({ unjudged }) => unjudged.map(({ control, cause }) => [control, cause])))

test('of Debian, what refused is unjudged by its cause, what is not there is an answer, and the ground of a service is said', async () => {
  const ran = await scan('refused', 'debian')
  expect([ran.code, causes(ran)]).toEqual([
    3,
    {
      'service with a unit file': 'refused:systemctl',
      'service with a process': 'refused:systemctl',
      'own systemctl': 'refused:systemctl',
      database: 'refused:psql',
      'database by a command': 'refused:psql',
      'database in a pipe': 'refused:psql',
      starter: 'missing:mysql',
      syntax: 'syntax'
    }
  ])
  expect(told(ran).targets.map(({ services }) => services)).toEqual([
    [{ service: 'rsh', ground: expect.stringMatching(/^process 1 is \w+, no service manager runs/) }]
  ])
  expect(ran.stdout).toContain('answered without a service manager: rsh')
})

test('of busybox, what does not know its options', async () => {
  const ran = await scan('refused-busybox', 'busybox')
  expect([ran.code, causes(ran)]).toEqual([
    3,
    { processes: 'refused:ps', find: 'refused:find', 'find in a pipe': 'refused:find', grep: 'refused:grep', ps: 'refused:ps', applet: 'missing:busybox psql' }
  ])
})
