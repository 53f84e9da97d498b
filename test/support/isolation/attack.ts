// attack.ts KIND FOLDER: a process in the place of kscan, with all that it would have to lose, and the attacks on it from within that isolation. Prints what came
// of each as JSON. A program of its own, so that it runs as any user and in any container.
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { chooseIsolation } from '../../../src/auditor/isolation/isolation.ts'
import { cgroupsNamed, removeCgroup } from '../../../src/process/cgroup.ts'
import { findOnPath } from '../../../src/process/find.ts'

const [, , kind = '', folder = ''] = process.argv
const wish = (['auto', 'bwrap', 'namespaces', 'user', 'none'] as const).find((one) => one === kind) ?? 'auto'
const env = { PATH: process.env['PATH'] ?? '' }
const ruby = realpathSync((await findOnPath('ruby', env.PATH)) ?? '/usr/bin/ruby')
const plugin = resolve('src/auditor/plugin')
const attacks = resolve('test/support/isolation/attacks.rb')

const secret = (name: string): string => {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(path, 'secret\n', { mode: 0o600 })
  return path
}

const listen = (place: string | number): Promise<Server> =>
  new Promise((done) => {
    const server = createServer((socket) => socket.destroy())
    const ready = (): void => done(server)
    if (typeof place === 'number') server.listen(place, '127.0.0.1', ready)
    else server.listen(place, ready)
  })

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** What runs somewhere with these words, whatever became of its group, session and environment. */
const running = (words: string): boolean =>
  readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .some((pid) => existsSync(`/proc/${pid}/cmdline`) && commandOf(pid) === words)

const commandOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  } catch {
    return '' // it has ended
  }
}

const sleeper = () => spawn('sleep', ['60'], { stdio: 'ignore' })
const [victim, traced] = [sleeper(), sleeper()]
const abstract = `kscan-attack-${process.pid}`
const bomb = ['400', `5.${process.pid}`]
const [run, own] = [join(folder, 'run'), join(folder, 'run', 't-own')]
for (const path of [run, own]) mkdirSync(path, { mode: 0o700 })
chmodSync(folder, 0o711)
const shared = join(folder, 'public')
writeFileSync(shared, 'secret\n', { mode: 0o644 })
const other = secret('other-run/t-one/answer')
const socket = join(dirname(other), 'broker')
const port = await listen(0)
const servers = [port, await listen(`\0${abstract}`), await listen(socket)]

const isolation = await chooseIsolation({
  what: 'the auditor',
  wish,
  needs: { programs: [ruby], network: false, machine: false, hidden: [folder] },
  data: [[attacks], [plugin]],
  probe: { file: ruby, args: ['--version'] },
  env,
  folder: run,
  plugin,
  seconds: 60,
  signal: new AbortController().signal
})
const where = {
  kscan: process.pid,
  parent: process.ppid,
  victim: victim.pid,
  traced: traced.pid,
  apart: isolation.kind === 'bwrap' || isolation.kind === 'namespaces',
  bomb,
  cgroup: `escaped-${process.pid}`,
  abstract,
  socket,
  port: portOf(port),
  public: shared,
  run: other,
  kubeconfig: secret('home/kubeconfig'),
  journal: secret('journal/run'),
  target: secret('run/t-other/answer'),
  cache: secret('cache/kscan/gem'),
  dist: secret('dist/index.js'),
  checkout: secret('checkout/source')
}
const ended = await isolation.run({ file: ruby, args: [attacks, JSON.stringify(where)], env: { ...env, HOME: own }, timeout: 60_000 }, own)
for (let tries = 0; tries < 20 && (running(`/bin/sleep ${bomb[1]}`) || tries < 4); tries += 1) await setTimeout(50) // ends become known
const outlive = running(`/bin/sleep ${bomb[1]}`) ? 'open' : 'stops'
const kill = victim.exitCode === null && victim.signalCode === null ? 'stops' : 'open'
const said = ended.exitCode === 0 ? ended.stdout : `{"failed": ${JSON.stringify(`${ended.reason} ${ended.exitCode} ${ended.stderr}`)}}`
const came: unknown = JSON.parse(said)
process.stdout.write(`${JSON.stringify({ kind: isolation.kind, says: isolation.says, came: { ...Object(came), kill, outlive } })}\n`)
for (const each of [victim, traced]) each.kill('SIGKILL')
for (const server of servers) server.close()
for (const each of cgroupsNamed('escaped').filter((path) => path.endsWith(`-${process.pid}`))) await removeCgroup(each)
