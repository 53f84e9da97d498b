import { execFileSync } from 'node:child_process'
import { expect, test } from '@jest/globals'
import type { CommandOutcome } from '../../../src/session/command.ts'
import { Evidence } from '../../../src/session/evidence.ts'
import { lookAgain } from '../../../src/session/look.ts'
import { needsOf } from '../../../src/shell/needs.ts'
import { READING } from '../../../src/session/reading.ts'
import { readServices, servicesCode } from '../../../src/session/services.ts'
import { answered } from '../../support/answered.ts'

const read = (command: string): ReturnType<Parameters<typeof lookAgain>[1]['read']> => Promise.resolve(needsOf(command))

const NGINX = 'first nginx\nprocess nginx\narguments nginx: master process nginx -g daemon off;\nprocess sh\n'

test.each<[service: string, lines: string, against: string | undefined]>([
  ['telnet', '', undefined],
  ['nginx', '', 'a process named as nginx runs'],
  ['nginx.service', '', 'a process named as nginx.service runs'],
  ['telnet', 'process in.telnetd\n', 'a process named as telnet runs'],
  ['sshd', 'process ssh\narguments /usr/sbin/sshd-D\n', 'a process named as sshd runs'],
  ['ssh', 'process sshd\n', 'a process named as ssh runs'],
  ['isc-dhcpd', 'process dhcpd\n', 'a process named as isc-dhcpd runs'],
  ['tomcat9', 'process java\narguments java-jar/opt/tomcat9/bin\n', 'a process named as tomcat9 runs'],
  ['getty@tty1', 'process getty\n', 'a process named as getty@tty1 runs'],
  ['apparmor', 'process app\n', undefined],
  ['telnet', 'process systemd\n', 'the service manager systemd runs'],
  ['telnet', 'process s6-svscan\n', 'the service manager s6-svscan runs'],
  ['telnet', 'process init\n', 'the service manager init runs'],
  ['telnet', 'hidden\n', 'not all processes can be seen by this user'],
  ['telnet', 'closed /etc/systemd/system\n', '/etc/systemd/system cannot be read by this user'],
  ['telnet', 'file 0 /etc/systemd/system/telnet.service\n', '/etc/systemd/system/telnet.service is there'],
  ['telnet', 'file 0 /etc/x\u001b[2J\n', '/etc/x\\x1b[2J is there']
])('%s beside %j', (service, lines, against) => {
  const services = readServices(`${NGINX}${lines}end\n`, { names: [service], live: true })
  expect(services?.against(service)).toEqual(against)
})

test('what did not end, or does not name process 1, is no ground', () => {
  expect(readServices(NGINX, { names: ['x'], live: true })).toBeUndefined()
  expect(readServices('process sh\nend\n', { names: ['x'], live: true })?.against('x')).toEqual('not all processes can be seen by this user')
})

test('a pod of the image alone has no process of the target by which a service would show', () => {
  const services = readServices(`${NGINX}end\n`, { names: ['telnet'], live: false })
  expect(services?.against('telnet')).toEqual('the processes of the running pod cannot be seen from a pod of its image')
})

test.each(['/bin/sh', '/bin/bash'])('by %s it finds this very process, and files of services that are there', (shell) => {
  const code = `kscan_newline='\n'\n${READING}\nkscan_opens() { :; }\n${servicesCode(["it's; echo no", 'rc']).toString()}`
  const stdout = execFileSync(shell, ['-c', code], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const services = readServices(stdout, { names: ["it's; echo no", 'rc'], live: true })
  expect(stdout).toMatch(/^first .+\n/m)
  expect(stdout).toMatch(/^arguments .*node/m)
  expect(services?.ground).toMatch(/^process 1 is .+, no service manager runs/)
})

/** A target without a service manager in which systemctl is missing or refuses. */
const target =
  (lines: string, missing: string) =>
  (code: Uint8Array): Promise<CommandOutcome> =>
    Promise.resolve(answered(0, { stdout: Buffer.from(code).toString().includes('/proc/[0-9]*') ? `${NGINX}${lines}end\n` : missing }))

const SHOW = 'systemctl show --no-pager --all telnet'
const NO_SYSTEMD = answered(1, { stderr: 'System has not been booted with systemd as init system (PID 1).\n' })

const looked = async (lines: string, missing: string, ask: (evidence: Evidence) => number): Promise<Evidence> => {
  const evidence = new Evidence()
  evidence.asked(ask(evidence), { kind: 'control', id: 'c' })
  await lookAgain(evidence, { inspect: target(lines, missing), read }, { doubt: undefined, tells: false, live: true })
  return evidence
}

const byService =
  (text: string, answer = answered(127), service = 'telnet') =>
  (evidence: Evidence): number => {
    const number = evidence.recordCommand(text, answer)
    evidence.ranBy(number, { resource: 'service', service })
    return number
  }

test.each([
  ['missing', '0\n', answered(127)],
  ['there, and does not run', '', NO_SYSTEMD]
])('where systemctl is %s, "not installed, not enabled, not running" stands on what was looked at', async (_, missing, answer) => {
  const evidence = await looked('', missing, byService(SHOW, answer))
  expect(evidence.lacks()).toEqual([])
  expect(evidence.grounds()).toEqual([{ service: 'telnet', ground: expect.stringContaining('process 1 is nginx') }])
})

test.each<[lines: string, missing: string, text: string]>([
  ['process in.telnetd\n', '0\n', 'the program systemctl is not in the image, and a process named as telnet runs'],
  [
    'file 0 /etc/systemd/system/telnet.service\n',
    '',
    expect.stringMatching(/^systemctl gave no answer: .*, and \/etc\/systemd\/system\/telnet.service is there$/) as unknown as string
  ],
  ['hidden\n', '0\n', 'the program systemctl is not in the image, and not all processes can be seen by this user']
])('%j keeps it unjudged', async (lines, missing, text) => {
  const evidence = await looked(lines, missing, byService(SHOW, missing === '' ? NO_SYSTEMD : answered(127)))
  expect([evidence.lacks().map(({ reason }) => reason.text), evidence.grounds()]).toEqual([[text], []])
})

test("a profile's own systemctl stays what it is", async () => {
  const evidence = await looked('', '0\n', (each) => each.recordCommand('systemctl is-enabled telnet', answered(127)))
  expect([evidence.lacks().map(({ reason }) => reason.cause), evidence.grounds()]).toEqual([['missing:systemctl'], []])
})

test.each<[lines: string, text: string, answer: CommandOutcome & { kind: 'done' }, causes: string[]]>([
  ['process telnetd\n', 'ls -1 /etc/init.d/', answered(0, { stdout: 'nginx\n' }), ['service:telnet']],
  ['process telnetd\n', 'ls -1 /etc/init.d/', answered(0, { stdout: 'telnet\n' }), []],
  ['process telnetd\n', 'service telnet status', answered(3, { stdout: 'stopped\n' }), ['service:telnet']],
  ['process telnetd\nprocess init\n', 'ls -1 /etc/init.d/', answered(0), []],
  ['', 'ls -1 /etc/init.d/', answered(1, { stderr: 'ls: /etc/init.d/: No such file or directory\n' }), []]
])('System V without a manager: %j, %s', async (lines, text, answer, causes) => {
  const evidence = await looked(lines, '', byService(text, answer))
  expect(evidence.lacks().map(({ reason }) => reason.cause)).toEqual(causes)
})

test('an answer about services that did not end is an error, never a pass', async () => {
  const evidence = new Evidence()
  evidence.asked(byService(SHOW)(evidence), { kind: 'control', id: 'c' })
  await expect(lookAgain(evidence, { inspect: () => Promise.resolve(answered(0)), read }, { doubt: undefined, tells: false, live: true })).rejects.toThrow(
    'could not be asked'
  )
})
