import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { hdfOf, kscan } from './cli.ts'
import { notPassed, RESTRICTED, startRestrictedPod } from './restricted-pod.ts'
import { readyToolbox, TOOLBOX } from './toolbox.ts'

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

/** Each asks for a program that nobody lends under that name, so none of them may count as passed. */
const UNJUDGED = ['/opt/sysctl -n kernel.ostype', '/usr/bin/nosuch/stat / | cat', '/sbin/nosuch || true', '/usr/local/bin/stat /; true']

const work = mkdtempSync(join(tmpdir(), 'kscan-e2e-path-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

const POD = 'named-by-path'
beforeAll(readyToolbox)
beforeAll(() => startRestrictedPod(POD, 'test.local/distroless-static:1'))

const scan = async (controls: string): Promise<Awaited<ReturnType<typeof kscan>>> => {
  mkdirSync(join(work, 'controls'), { recursive: true })
  writeFileSync(join(work, 'inspec.yml'), 'name: named-by-path\nversion: 1.0.0\n')
  writeFileSync(join(work, 'controls', 'path.rb'), controls)
  const line = `scan --namespace ${RESTRICTED} --pod ${POD} --profile ${work} --approach debug-container --helper-image ${TOOLBOX}`
  return await kscan([...line.split(' '), '--allow', 'unpoliced-ephemeral-container', '--container-detection', 'native'])
}

test('a tool that a command names in a usual folder is lent there, and does not seem to be there', async () => {
  const ran = await scan(CONTROLS)
  const [report] = [...hdfOf(ran).values()]
  expect(report === undefined ? undefined : notPassed(report)).toEqual([])
  expect(ran.code).toBe(0)
})

test('elsewhere, or under another name, none is: what rests on it is unjudged', async () => {
  const ran = await scan(
    UNJUDGED.map((command, index) => `control 'c${index}' do\n  describe command('${command}') do\n    its('stdout') { should eq '' }\n  end\nend\n`).join('')
  )
  expect([ran.code, ran.stdout]).toEqual([3, expect.stringContaining(`${UNJUDGED.length} unjudged`)])
})
