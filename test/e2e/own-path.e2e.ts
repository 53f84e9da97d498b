import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { hdfOf, kscan, type Ran, unjudged } from './cli.ts'
import { kubectl, NAMESPACE, removePod, startPod, untilReady } from './cluster.ts'
import { notPassed } from './restricted-pod.ts'
import { readyToolbox, TOOLBOX } from './toolbox.ts'

/** busybox has shells, `env`, `find` and `xargs` of its own, and no `getent`, `bash`, `gawk`, `printenv` or `nice`. */
const POD = 'own-path'
const PATH = '/usr/local/bin:/opt/some folder:/bin:/usr/bin'

const work = mkdtempSync(join(tmpdir(), 'kscan-e2e-own-path-'))
afterAll(async () => {
  rmSync(work, { recursive: true, force: true })
  await removePod(POD)
})

/** Each prints PATH, by the lent shell, by a lent program, or by one of the target. */
const PRINT_PATH = [
  'echo $PATH',
  "env | sed -n 's/^PATH=//p'",
  'printenv PATH',
  "/usr/bin/env | sed -n 's/^PATH=//p'",
  "/bin/env | sed -n 's/^PATH=//p'",
  "/bin/busybox env | sed -n 's/^PATH=//p'",
  "sh -c 'echo $PATH'",
  "/bin/sh -c 'echo $PATH'",
  "/bin/ash -c 'printenv PATH'",
  "sh -c 'x=PATH; eval echo \\$$x'",
  "bash -c 'echo $PATH'",
  'bash -c \'sh -c "echo \\$PATH"\'',
  'echo PATH | xargs printenv',
  "echo | xargs env | sed -n 's/^PATH=//p'",
  "find /tmp -maxdepth 0 -exec env ';' | sed -n 's/^PATH=//p'",
  "find /tmp -maxdepth 0 -exec printenv PATH ';'",
  'timeout 5 printenv PATH',
  'nice printenv PATH',
  'env X=1 printenv PATH',
  'gawk \'BEGIN { system("printenv PATH") }\'',
  'gawk \'BEGIN { "printenv PATH" | getline; print }\'',
  'gawk \'BEGIN { print "" | "printenv PATH" }\'',
  'gawk \'BEGIN { print ENVIRON["PATH"] }\'',
  'awk \'BEGIN { print ENVIRON["PATH"] }\'',
  '/tmp/script',
  'sh /tmp/script',
  '. /tmp/script',
  'echo | xargs /tmp/script'
]

/** Each prints root's entry, by a tool that only the toolbox has. */
const FIND_TOOL = [
  'getent passwd root',
  '/usr/bin/getent passwd root',
  "sh -c 'getent passwd root'",
  "/bin/sh -c 'getent passwd root | cat'",
  "bash -c 'getent passwd root'",
  'bash -c \'x=$(getent passwd root); echo "$x"\'',
  'bash -c \'sh -c "getent passwd root"\'',
  'echo root | xargs getent passwd',
  "find /tmp -maxdepth 0 -exec getent passwd root ';'",
  'env getent passwd root',
  'timeout 5 getent passwd root',
  'timeout 5 nice getent passwd root',
  'PATH=/bin:/usr/bin getent passwd root',
  'PATH=/bin:/usr/bin; export PATH; getent passwd root',
  'PATH=$PATH:/opt; getent passwd root | cat',
  'unset PATH; getent passwd root',
  "echo 'root' | while read -r name; do getent passwd $name; done",
  'gawk \'BEGIN { system("getent passwd root") }\'',
  'x=get; ${x}ent passwd root',
  'exec getent passwd root'
]

/** Nothing of ours shows in the variables of the target's programs, and the lent tool does not seem to be there. */
const NOTHING = [
  'env | grep -i kscan',
  '/bin/env | grep -i kscan',
  'sh -c env | grep -i kscan',
  'echo | xargs env | grep -i kscan',
  'command -v getent || which getent',
  "bash -c 'command -v getent || type -p getent || which getent'",
  "sh -c 'command -v getent_'",
  'getent passwd root >/dev/null; command -v getent; hash -r; type getent 2>/dev/null | grep /'
]

const control = (id: string, command: string, expected: string): string =>
  `control '${id}' do\n  describe command(%q\u0001${command}\u0001) do\n    its('stdout') { should eq ${JSON.stringify(expected)} }\n  end\nend\n`

const ROOT = 'root:x:0:0:root:/root:/bin/sh'

beforeAll(async () => {
  readyToolbox()
  await removePod(POD)
  await startPod(
    POD,
    {
      containers: [
        {
          name: 'main',
          image: 'test.local/busybox:1',
          imagePullPolicy: 'Never',
          command: [
            '/bin/sh',
            '-c',
            `echo ${ROOT} >/etc/passwd; printf '#!/bin/sh\\necho $PATH\\n' >/tmp/script; chmod 755 /tmp/script; exec /bin/sleep 100000`
          ],
          env: [{ name: 'PATH', value: PATH }]
        }
      ]
    },
    'test.local/busybox:1'
  )
  await untilReady(POD)
})

const scan = async (): Promise<Ran> => {
  const profile = join(work, 'profile')
  mkdirSync(join(profile, 'controls'), { recursive: true })
  writeFileSync(join(profile, 'inspec.yml'), 'name: own-path\nversion: 1.0.0\n')
  const parts = [
    ...PRINT_PATH.map((command, index) => control(`path-${index}`, command, `${PATH}\n`)),
    ...FIND_TOOL.map((command, index) => control(`tool-${index}`, command, `${ROOT}\n`)),
    ...NOTHING.map((command, index) => control(`none-${index}`, command, '')),
    `control 'resource' do\n  describe os_env('PATH') do\n    its('content') { should eq ${JSON.stringify(PATH)} }\n  end\nend\n`
  ]
  writeFileSync(join(profile, 'controls', 'all.rb'), parts.join(''))
  const line = `scan --namespace ${NAMESPACE} --pod ${POD} --profile ${profile} --approach debug-container --helper-image ${TOOLBOX}`
  return await kscan([...line.split(' '), '--allow', 'unpoliced-ephemeral-container', '--container-detection', 'native'])
}

test("programs of the target see the target's own PATH in a lent shell, and lent tools are found all the same", async () => {
  expect(await kubectl('exec', '-n', NAMESPACE, POD, '--', '/bin/sh', '-c', 'echo $PATH')).toBe(`${PATH}\n`)
  const ran = await scan()
  const [report] = [...hdfOf(ran).values()]
  expect(report === undefined ? undefined : notPassed(report)).toEqual([])
  expect([ran.code, unjudged(ran), ran.stdout]).toEqual([0, [], expect.any(String)])
})
