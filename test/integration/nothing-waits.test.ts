import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { systemClock } from '../../src/kernel/clock.ts'
import type { ApiServer } from '../support/api-server/server.ts'
import { leftHere, type Ran, type Running, startCommandLine } from '../support/command-line.ts'
import { Folder } from '../support/kubeconfig.ts'
import { type Shop, startShop } from '../support/shop.ts'
import { LENIENT, stubAuditor } from '../support/stub-auditor.ts'
import { writtenProfile } from '../support/written-profile.ts'

jest.setTimeout(180_000)

let shop: Shop
let server: ApiServer
let folder: Folder
let kubeconfig: string
beforeAll(async () => {
  shop = await startShop()
  ;({ server, folder, kubeconfig } = shop)
})
afterEach(() => server.faults.clear())
afterAll(() => shop.close())

/** A cancelled step of a CI system has 7.5 s, and 6 s are promised; three times as much on a busy machine. */
const UNWIND_MS = 18_000
/** Until the audit begins, on a busy machine. */
const START_MS = 20_000

/** In a namespace of processes all of them would end with it, and nothing would have to be looked for. */
const ALONE = ['--isolation', 'none']

const start = (auditor: string, more: readonly string[] = []): Running => {
  const profile = writtenProfile(join(folder.path, 'profile'), { a: "describe('a') { it { should eq 'a' } }" })
  const args = ['scan', '--namespace', 'shop', '--pod', 'web', '--profile', profile, '--auditor', auditor, ...ALONE, ...LENIENT, ...more]
  return startCommandLine(args, { env: { KUBECONFIG: kubeconfig } })
}

/** Command lines of this machine's processes with such a word. */
const running = (mark: string): string[] =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .map(commandOf)
    .filter((command) => command.includes(mark))

const commandOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')
  } catch {
    return '' // it has ended
  }
}

const nothingLeft = (ran: Ran, mark: string): void =>
  expect([server.objects.made(), leftHere(ran), running(mark), server.streams.filter(({ closed }) => closed === undefined)]).toEqual([[], [], [], []])

/** Reads the auditor's configuration from its input, greets the broker, asks without end, and reads nothing. */
const DEAF = `const { credentials } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'))
const { socket: path, token } = credentials.kscan.target
const frame = (header, ...sections) => {
  const json = Buffer.from(JSON.stringify({ ...header, sizes: sections.map((each) => each.length) }))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(json.length)
  return Buffer.concat([length, json, ...sections])
}
const socket = require('node:net').connect(path)
socket.pause()
socket.write(frame({ verb: 'hello', protocol: 1, id: 0, token }))
for (let id = 1; id < 5000; id += 1) socket.write(frame({ verb: 'exec', id }, Buffer.from('head -c 4000000 /dev/zero')))
setInterval(() => {}, 1000)`

const FILLS = 'fills its folder'

/** What a profile does in its auditor's place, with MARK in the command line of each process that it leaves; it then goes on for ever. */
const ATTACKS: [what: string, script: () => string][] = [
  ['leaves a daemon that holds its output', () => 'setsid sleep MARK &'],
  ['leaves a daemon that has shed its environment', () => '(setsid env -i /bin/sleep MARK &)'],
  ['does not listen', () => "trap '' TERM INT HUP"],
  ['is stopped', () => '(sleep 1.5; kill -STOP $$) &'],
  ['starts others and others', () => 'n=0; while [ $n -lt 200 ]; do setsid sleep MARK & n=$((n+1)); done'],
  ['prints without end', () => 'yes MARK &'],
  [FILLS, () => `sh -c 'n=0; while :; do mkdir -p "$HOME/$n/a/b"; : >"$HOME/$n/a/b/f"; n=$((n+1)); done' MARK &`],
  ['closes its folder', () => 'mkdir "$HOME/x"; : >"$HOME/x/y"; chmod 0 "$HOME/x"'],
  ['does not read what it asked for', () => `'${process.execPath}' '${folder.file('deaf.cjs', DEAF)}' MARK &`]
]

const attacking = (script: string, mark: string, begun: string): string =>
  stubAuditor(folder, `exec 3<&0; ${script.replaceAll('MARK', mark).replace(/ &$/, ' <&3 &')}\nsleep 1; touch '${begun}'; while :; do sleep ${mark}; done`)

let runs = 0
const attack = async (script: string, more: readonly string[] = []): Promise<{ run: Running; mark: string }> => {
  runs += 1
  const mark = `9${runs}${process.pid}`
  const begun = join(folder.path, `begun-${runs}`)
  const run = start(attacking(script, mark, begun), more)
  const over = run.ended.then(() => true)
  while (!existsSync(begun) && !(await Promise.race([over, systemClock.sleep(20).then(() => false)])));
  await systemClock.sleep(1000)
  return { run, mark }
}

describe('nothing waits on a profile that', () => {
  test.each(ATTACKS)('%s, when the run is interrupted', async (what, script) => {
    const { run, mark } = await attack(script())
    expect(server.objects.made()).toHaveLength(3)
    run.signal('SIGINT')
    const ran = await run.ended
    expect([ran.code, ran.milliseconds < UNWIND_MS]).toEqual([130, true])
    if (what === FILLS && / could not be removed: kscan cleanup /.test(ran.stderr))
      await startCommandLine(['cleanup'], { folder: ran.folder, env: { KUBECONFIG: kubeconfig } }).ended
    nothingLeft(ran, mark)
  })

  test.each(ATTACKS)('%s, when its time is over', async (_what, script) => {
    const { run, mark } = await attack(script(), ['--scan-timeout', '4s'])
    const ran = await run.ended
    expect([ran.code, ran.stdout + ran.stderr]).toEqual([4, expect.stringContaining('did not end within 4 s')])
    expect(ran.milliseconds).toBeLessThan(START_MS + 4000 + UNWIND_MS)
    nothingLeft(ran, mark)
  })

  test.each(['an interruption', 'its time'])('access goes before an auditor that does not listen, at %s', async (when) => {
    const { run, mark } = await attack("trap '' TERM INT HUP", when === 'its time' ? ['--scan-timeout', '4s'] : [])
    if (when === 'an interruption') run.signal('SIGINT')
    while (server.objects.made().length > 0) await systemClock.sleep(10)
    expect(running(mark)).not.toEqual([])
    nothingLeft(await run.ended, mark)
  })

  test.each(ATTACKS.slice(0, 2))('%s, and ends: its results count', async (_what, script) => {
    runs += 1
    const mark = `9${runs}${process.pid}`
    const ran = await start(stubAuditor(folder, script().replaceAll('MARK', mark))).ended
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringContaining('PASSED')])
    nothingLeft(ran, mark)
  })
})

/** Each function calls the next one twice. No shell runs them: the first line ends it. */
const BOMB = `exit 0\\n${Array.from({ length: 40 }, (_, each) => `f${each}() { f${each + 1}; f${each + 1}; }; `).join('')}f0`

test('a command that cannot be read in time leaves its control unjudged', async () => {
  const profile = writtenProfile(join(folder.path, 'bomb'), { a: `describe(command("${BOMB}")) { its('exit_status') { should eq 0 } }` })
  const args = ['scan', '--namespace', 'shop', '--pod', 'web', '--profile', profile, '--auditor', 'gems', '--threshold', 'failed: {total: {max: 9}}']
  const ran = await startCommandLine(args, { env: { KUBECONFIG: kubeconfig } }).ended
  expect([ran.code, ran.stdout]).toEqual([3, expect.stringContaining('it takes too long to read')])
  nothingLeft(ran, 'f39() {')
})
