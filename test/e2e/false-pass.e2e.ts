import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { cluster } from './audit-log.ts'
import { hdfOf, kscan, type Ran, unjudged } from './cli.ts'
import { RESTRICTED, startRestrictedPod } from './restricted-pod.ts'
import { TOOLBOX } from './toolbox.ts'
import { archive, makeWaiting } from './waiting-image.ts'

const IMAGE = 'test.local/false-pass:1'
const POD = 'false-pass'

/** A server without a shell beside it. */
const LISTENER = `
#include <arpa/inet.h>
#include <unistd.h>
int main(void) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(8080)};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 1)) return 1;
  for (;;) pause();
}
`

const makeImage = (root: string): void => {
  makeWaiting(root)
  execFileSync('gcc', ['-static', '-s', '-o', join(root, 'app'), '-x', 'c', '-'], { input: LISTENER })
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  put('etc/debian_version', '12.7\n')
  put('var/lib/dpkg/status.d/telnetd', 'Package: telnetd\nVersion: 1.0\nArchitecture: amd64\nMaintainer: m\nDescription: d\n')
  put('var/lib/dpkg/status.d/empty', '')
  put('etc/cron.d/work', '* * * * * root /app --work\n')
  cluster('image', IMAGE, archive(root), '{"Entrypoint":["/app"],"User":"65532","Env":["MARK=here"]}')
}

interface Claim {
  /** Of the running container, not of its image. */
  readonly live?: true
  /** It holds. */
  readonly right: string
  /** It does not hold, and is what a tool that sees nothing would say. */
  readonly wrong: string
}

const CLAIMS: Readonly<Record<string, Claim>> = {
  group: { right: "describe group('nonroot') do its('gid') { should eq 65532 } end", wrong: "describe group('nonroot') do it { should_not exist } end" },
  user: { right: "describe user('nonroot') do its('uid') { should eq 65532 } end", wrong: "describe user('root') do it { should_not exist } end" },
  passwd: { right: "describe passwd.uids(0) do its('users') { should eq ['root'] } end", wrong: "describe passwd.uids(0) do its('count') { should eq 0 } end" },
  etc_group: {
    right: "describe etc_group.where(gid: 0) do its('groups') { should eq ['root'] } end",
    wrong: 'describe etc_group.where(gid: 0) do it { should_not exist } end'
  },
  package: {
    right: "describe package('telnetd') do it { should be_installed } end",
    wrong: "describe package('telnetd') do it { should_not be_installed } end"
  },
  packages: { right: "describe packages('telnetd') do it { should exist } end", wrong: 'describe packages(/telnet/) do it { should_not exist } end' },
  processes: {
    live: true,
    right: "describe processes('/app') do its('users') { should eq ['nonroot'] } end",
    wrong: 'describe processes(/app/) do it { should_not exist } end'
  },
  port: { live: true, right: 'describe port(8080) do it { should be_listening } end', wrong: 'describe port(8080) do it { should_not be_listening } end' },
  service: { right: "describe service('nosuch') do it { should_not be_running } end", wrong: "describe service('app') do it { should_not be_installed } end" },
  os: { right: 'describe os do it { should be_debian } end', wrong: 'describe os.family do it { should_not eq "debian" } end' },
  os_env: {
    right: "describe os_env('MARK') do its('content') { should eq 'here' } end",
    wrong: "describe os_env('MARK') do its('content') { should be_nil } end",
    live: true
  },
  mount: { right: "describe mount('/proc') do its('type') { should eq 'proc' } end", wrong: "describe mount('/proc') do it { should_not be_mounted } end" },
  kernel_parameter: {
    right: "describe kernel_parameter('kernel.ostype') do its('value') { should eq 'Linux' } end",
    wrong: "describe kernel_parameter('kernel.ostype') do its('value') { should be_nil } end"
  },
  crontab: {
    right: "describe crontab(path: '/etc/cron.d/work') do its('commands') { should eq ['/app --work'] } end",
    wrong: "describe crontab(path: '/etc/cron.d/work') do its('commands') { should be_empty } end"
  },
  'crontab of a user': {
    right: "describe crontab('root') do its('commands') { should be_empty } end",
    wrong: "describe crontab('root') do its('commands') { should_not include '/app' } end"
  },
  virtualization: {
    right: "describe virtualization do its('role') { should eq 'guest' } end",
    wrong: "describe virtualization do its('system') { should be_nil } end"
  }
}
const NAMES = Object.keys(CLAIMS)

const work = mkdtempSync(join(tmpdir(), 'kscan-e2e-false-pass-'))
beforeAll(async () => {
  makeImage(join(work, 'root'))
  await startRestrictedPod(POD, IMAGE)
  mkdirSync(join(work, 'profile', 'controls'), { recursive: true })
  writeFileSync(join(work, 'profile', 'inspec.yml'), 'name: claims\nversion: 1.0.0\n')
  const controls = NAMES.flatMap((name) => (['right', 'wrong'] as const).map((kind) => `control '${name} ${kind}' do\n  ${CLAIMS[name]?.[kind] ?? ''}\nend\n`))
  writeFileSync(join(work, 'profile', 'controls', 'claims.rb'), controls.join(''))
})
afterAll(() => rmSync(work, { recursive: true, force: true }))

/** `passed`, `failed` or `unjudged` of each control. */
const outcomes = (ran: Ran): Map<string, string> => {
  const open = unjudged(ran)
  const controls = [...hdfOf(ran).values()].flatMap(({ profiles }) => profiles.flatMap(({ controls: each }) => each))
  const said = (results: readonly Record<string, unknown>[]): string => (results.every(({ status }) => status === 'passed') ? 'passed' : 'failed')
  return new Map(controls.map(({ id, results = [] }) => [id, open.includes(id) ? 'unjudged' : said(results)]))
}

/** What an image that is not the toolbox does not answer: a right claim may fail there, a wrong one not pass. */
const FOREIGN = ['package', 'packages', 'processes', 'port', 'kernel_parameter']

/** By whom, what that takes, how many claims may be unjudged, and what cannot be answered. */
const LENDERS: readonly [approach: string, allow: string, image: string, open: number, lacking: readonly string[]][] = [
  ['debug-container', 'unpoliced-ephemeral-container', TOOLBOX, 6, []],
  ['twin-pod', 'scan-pod', TOOLBOX, 6, []],
  ['debug-container', 'unpoliced-ephemeral-container', 'test.local/debian:1', 16, FOREIGN],
  ['debug-container', 'unpoliced-ephemeral-container', 'test.local/busybox:1', 16, FOREIGN]
]

describe.each(LENDERS)('on a distroless target by %s (%s) of %s', (approach, allow, image, open, lacking) => {
  let found = new Map<string, string>()
  beforeAll(async () => {
    const line = `scan --namespace ${RESTRICTED} --pod ${POD} --profile ${join(work, 'profile')} --approach ${approach} --allow ${allow} --helper-image ${image}`
    found = outcomes(await kscan(line.split(' ')))
  })

  test.each(NAMES.filter((name) => approach !== 'twin-pod' || CLAIMS[name]?.live !== true))('%s is right or unjudged, and passes nothing falsely', (name) => {
    expect([found.get(`${name} right`), found.get(`${name} wrong`)]).toEqual([
      expect.stringMatching(lacking.includes(name) ? /^(failed|unjudged)$/ : /^(passed|unjudged)$/),
      expect.stringMatching(/^(failed|unjudged)$/)
    ])
  })

  test('most of it is judged', () => expect([...found.values()].filter((each) => each === 'unjudged').length).toBeLessThanOrEqual(open))
})
