import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { tmpdir } from 'node:os'
import { afterAll, expect, test } from '@jest/globals'
import { cluster } from './audit-log.ts'
import { hdfOf, kscan, type Ran, unjudged } from './cli.ts'
import { notPassed, RESTRICTED, startRestrictedPod } from './restricted-pod.ts'
import { TOOLBOX } from './toolbox.ts'
import { archive, makeWaiting } from './waiting-image.ts'

const work = mkdtempSync(join(tmpdir(), 'kscan-e2e-packages-'))
afterAll(() => rmSync(work, { recursive: true, force: true }))

const write = (root: string, path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

const APK = `P:musl
V:1.2.4-r2
A:x86_64
T:the musl c library
o:musl
L:MIT

P:telnetd
V:0.17-r3
A:x86_64
T:a server
o:telnetd
L:MIT

`

const alpine = (root: string): void => {
  write(root, 'etc/alpine-release', '3.20.3\n')
  write(root, 'etc/os-release', 'ID=alpine\nVERSION_ID=3.20.3\nNAME="Alpine Linux"\n')
  write(root, 'lib/apk/db/installed', APK)
}

/** A package without files, noted in a database by the machine's own rpm. */
const redhat = (root: string, folder = 'var/lib/rpm'): void => {
  write(root, 'etc/redhat-release', 'Red Hat Enterprise Linux release 9.4 (Plow)\n')
  write(root, 'etc/os-release', 'ID="rhel"\nVERSION_ID="9.4"\nNAME="Red Hat Enterprise Linux"\n')
  const spec = 'Name: telnetd\nVersion: 0.17\nRelease: 3\nSummary: s\nLicense: MIT\nBuildArch: noarch\n%description\nd\n%files\n'
  write(work, 'telnet.spec', spec)
  execFileSync('rpmbuild', ['--quiet', '-bb', '--define', `_topdir ${work}/build`, join(work, 'telnet.spec')], { stdio: 'pipe' })
  mkdirSync(join(root, folder), { recursive: true })
  const built = readdirSync(join(work, 'build', 'RPMS', 'noarch')).map((name) => join(work, 'build', 'RPMS', 'noarch', name))
  execFileSync('rpm', ['--root', root, '--dbpath', `/${folder}`, '-i', '--justdb', '--nodeps', '--ignorearch', ...built], { stdio: 'pipe' })
}

const scan = async (name: string, make: (root: string) => void, controls: string): Promise<Ran> => {
  const root = join(work, name)
  makeWaiting(root)
  make(root)
  chmodSync(root, 0o755)
  const image = `test.local/packages-${name}:1`
  cluster('image', image, archive(root), '{"Entrypoint":["/app"],"User":"65532"}')
  await startRestrictedPod(`packages-${name}`, image)
  const profile = mkdtempSync(join(work, 'profile-'))
  write(profile, 'inspec.yml', 'name: packages\nversion: 1.0.0\n')
  write(profile, 'controls/packages.rb', controls)
  const line = `scan --namespace ${RESTRICTED} --pod packages-${name} --profile ${profile} --approach debug-container --helper-image ${TOOLBOX}`
  return await kscan([...line.split(' '), '--allow', 'unpoliced-ephemeral-container'])
}

const RIGHT = (version: string): string => `
control 'installed' do
  describe package('telnetd') do
    it { should be_installed }
    its('version') { should eq '${version}' }
  end
  describe packages(/^telnet/) do
    its('names') { should eq ['telnetd'] }
  end
end
control 'not-installed' do
  describe package('nosuch') do
    it { should_not be_installed }
  end
  describe packages('nosuch') do
    it { should_not exist }
  end
end
`

test.each<[what: string, name: string, make: (root: string) => void, version: string]>([
  ['apk', 'apk', alpine, '0.17-r3'],
  ['rpm', 'rpm', redhat, '0.17-3'],
  ['rpm, in its newer place', 'rpm-moved', (root) => redhat(root, 'usr/lib/sysimage/rpm'), '0.17-3']
])('an image with a database of %s, and without its tools, is answered from that', async (_what, name, make, version) => {
  const ran = await scan(name, make, RIGHT(version))
  const [report] = [...hdfOf(ran).values()]
  expect([ran.code, report === undefined ? undefined : notPassed(report)]).toEqual([0, []])
})

/** Each would pass if "no answer" were taken for "not there". */
const BLIND = [
  `describe package('telnetd') do
    it { should_not be_installed }
  end`,
  `describe packages(/telnet/) do
    it { should_not exist }
  end`,
  ...['dpkg -l | grep telnet', 'rpm -qa 2>/dev/null | grep telnet', 'apk info -vv | grep telnet'].map(
    (command) => `describe command('${command}') do
    its('stdout') { should eq '' }
  end`
  )
].map((check, index) => `control 'c${index}' do\n  ${check}\nend\n`)

test.each<[what: string, name: string, make: (root: string) => void]>([
  ['no database', 'none', (root) => write(root, 'etc/debian_version', '12.7\n')],
  [
    'one of rpm that cannot be read here',
    'ndb',
    (root) => {
      redhat(root, 'unused')
      write(root, 'var/lib/rpm/Packages.db', 'RpmP, of another make')
      write(root, 'var/lib/rpm/Packages', 'neither')
    }
  ]
])('an image with %s: nothing is "not installed"', async (_what, name, make) => {
  const ran = await scan(name, make, BLIND.join(''))
  expect([ran.code, unjudged(ran)]).toEqual([3, ['c0', 'c1', 'c2', 'c3', 'c4']])
})
