import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { cluster } from './audit-log.ts'
import { hdfOf, kscan, type Ran, unjudged } from './cli.ts'
import { notPassed, RESTRICTED, startRestrictedPod } from './restricted-pod.ts'
import { TOOLBOX } from './toolbox.ts'
import { archive, makeWaiting } from './waiting-image.ts'

const CONTROLS = `
control 'lent' do
  describe kernel_parameter('kernel.ostype') do
    its('value') { should eq 'Linux' }
  end
  describe command('/usr/bin/wc -c < /etc/passwd | /bin/grep -c "[1-9]"') do
    its('stdout') { should eq "1\\n" }
    its('stderr') { should eq '' }
  end
end
control "a program of the image gets the image's variables" do
  ['/show', 'timeout 5 /show', 'echo x | xargs /show', 'find /show -exec /show {} +', 'env /show'].each do |line|
    describe command("#{line} | grep -e LD_LIBRARY -e LANG -e KEPT | sort") do
      its('stdout') { should eq "LANG=C.UTF-8\nLD_LIBRARY_PATH=/opt/lib\n" }
    end
  end
end
control 'does not seem to be there' do
  describe command('/sbin/sysctl') do
    it { should_not exist }
  end
  describe file('/sbin/sysctl') do
    it { should_not exist }
  end
  describe command('[ -x /sbin/sysctl ] || [ -e /bin/sh ] || type /bin/sh >/dev/null || command -v /sbin/sysctl || which /sbin/sysctl || echo no') do
    its('stdout') { should eq "no\\n" }
  end
end
`

/** Nobody lends a program under these names. */
const NOT_LENT = ['/opt/sysctl -n kernel.ostype', '/usr/bin/nosuch/stat / | cat', '/sbin/nosuch || true', '/usr/local/bin/stat /; true']

/** What only the run shows: folders below that are closed to the user (/root is), names made by expansion, programs that programs start. */
const TOLD = [
  'find / -xdev -name nosuch 2>/dev/null | wc -l',
  'grep -rs --exclude-dir=proc --exclude-dir=sys nosuch / | wc -l',
  'ls -R / 2>/dev/null | grep -c nosuch',
  'd=ro; ls "/${d}ot" 2>/dev/null | wc -l',
  'cd / && stat root/.profile 2>/dev/null | wc -l',
  'x=no; ${x}such || true',
  'find /etc -maxdepth 0 -exec $(echo nosuch) {} + 2>/dev/null; true',
  'echo 1 | xargs $(echo nosuch) 2>/dev/null; true',
  'awk \'BEGIN { system("true") }\' 2>/dev/null; true',
  'sh -c \'y=nosuch; "$y" 2>/dev/null\'; true',
  'getcap -r / 2>/dev/null | wc -l',
  'dpkg -l 2>/dev/null | grep -c nosuch',
  'for d in ro; do [ -e "/${d}ot/x" ] || test -e "/${d}ot/y" || echo none; done'
]

/** These see all that they ask for. */
const SEEN = [
  'find / -xdev -path /root -prune -o -name nosuch -print | wc -l',
  'find /etc -name nosuch | wc -l',
  'grep -rs nosuch /etc | wc -l',
  'ls /nosuch 2>/dev/null | wc -l',
  'd=et; ls "/${d}c" >/dev/null',
  'ps -ef >/dev/null; ss -tlnp >/dev/null; id >/dev/null; mount >/dev/null; sysctl -a >/dev/null 2>&1; true',
  '[ -r /root ] || [ -x /root ] || echo closed',
  'for name in nosuch; do command -v "$name" && "$name"; done; true',
  "sh -c 'type nosuch' >/dev/null; true"
]

const work = mkdtempSync(join(tmpdir(), 'kscan-e2e-lent-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

const POD = 'lent-tools'
const IMAGE = 'test.local/lent-tools:1'
beforeAll(async () => {
  const root = join(work, 'root')
  makeWaiting(root)
  mkdirSync(join(root, 'root'), { mode: 0o700 })
  mkdirSync(join(root, 'var/lib/dpkg/status.d'), { recursive: true })
  writeFileSync(join(root, 'var/lib/dpkg/status.d/closed'), 'Package: closed\nVersion: 1\nArchitecture: all\nMaintainer: m\nDescription: d\n', { mode: 0o600 })
  execFileSync('gcc', ['-static', '-s', '-o', join(root, 'show'), '-x', 'c', '-'], { input: SHOW })
  cluster('image', IMAGE, archive(root), '{"Entrypoint":["/app"],"User":"65532","Env":["LD_LIBRARY_PATH=/opt/lib","LANG=C.UTF-8"]}')
  await startRestrictedPod(POD, IMAGE)
})

/** Prints its environment. */
const SHOW = '#include <stdio.h>\nextern char **environ;\nint main(void) { for (char **e = environ; *e; e++) puts(*e); }\n'

const scan = async (controls: string): Promise<Ran> => {
  const profile = mkdtempSync(join(work, 'profile-'))
  mkdirSync(join(profile, 'controls'))
  writeFileSync(join(profile, 'inspec.yml'), 'name: lent-tools\nversion: 1.0.0\n')
  writeFileSync(join(profile, 'controls', 'lent.rb'), controls)
  const line = `scan --namespace ${RESTRICTED} --pod ${POD} --profile ${profile} --approach debug-container --helper-image ${TOOLBOX}`
  return await kscan([...line.split(' '), '--allow', 'unpoliced-ephemeral-container', '--container-detection', 'native'])
}

test('a tool that a command names in a usual folder is lent there, and does not seem to be there', async () => {
  const ran = await scan(CONTROLS)
  const [report] = [...hdfOf(ran).values()]
  expect(report === undefined ? undefined : notPassed(report)).toEqual([])
  expect([ran.code, unjudged(ran), ran.stdout]).toEqual([0, [], expect.any(String)])
})

const controls = (commands: readonly string[]): string =>
  commands
    .map((command, index) => `control 'c${index}' do\n  describe command(%q\u0001${command}\u0001) do\n    its('exit_status') { should be >= 0 }\n  end\nend\n`)
    .join('')

test('what a command could not see is unjudged, also where only its run shows it', async () => {
  const all = [...NOT_LENT, ...TOLD, ...SEEN]
  const ran = await scan(controls(all))
  const open = unjudged(ran)
  expect([ran.code, all.filter((_command, index) => open.includes(`c${index}`))]).toEqual([3, [...NOT_LENT, ...TOLD]])
})
