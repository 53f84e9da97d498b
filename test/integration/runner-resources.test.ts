import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { parseResults } from '../../src/hdf/parse.ts'
import { unjudgedOf } from '../../src/scan/evidence-of.ts'
import { type ApiServer, startApiServer } from '../support/api-server/server.ts'
import { startCommandLine } from '../support/command-line.ts'
import { Folder } from '../support/kubeconfig.ts'
import { localAudit } from '../support/local-audit.ts'
import { writtenProfile } from '../support/written-profile.ts'

/** The first audit on a machine fetches the auditor. */
const FETCH_MS = 120_000

const folder = mkdtempSync(join(tmpdir(), 'runner-'))
/** Something that listens on this machine, and not in a container. */
const listener = createServer((connection) => connection.end())
let port = 0
beforeAll(async () => {
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const address = listener.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
})
afterAll(() => {
  listener.close()
  rmSync(folder, { recursive: true })
})

/** In place of the driver, which the auditor of the gems does not have. */
const MONGO = `require 'socket'
module Mongo
  module Logger
    def self.logger = @logger ||= Struct.new(:level).new
  end
  class Client
    def initialize(hosts, _options) = @hosts = hosts
    def command(_) = Struct.new(:documents).new([{ 'ok' => TCPSocket.new(*@hosts.first.split(':')).closed? }])
  end
end
`
const CUSTOM = `require 'net/http'
class Page < Inspec.resource(1)
  name 'page'
  def status = Net::HTTP.get_response(URI('http://127.0.0.1:PORT/')).code
rescue StandardError
  '500'
end
`
const CERTIFICATE = `key = OpenSSL::PKey::RSA.new(1024)
cert = OpenSSL::X509::Certificate.new
cert.subject = cert.issuer = OpenSSL::X509::Name.parse('/CN=a')
cert.public_key = key.public_key
cert.not_before, cert.not_after, cert.serial = Time.now, Time.now + 60, 1
cert.sign(key, OpenSSL::Digest.new('SHA256'))
`
const is = (value: string): string => `describe((${value})) { it { should_not eq 'x' } }`

/** What a control does, and by which causes of this kind it is unjudged for it. */
const WAYS: readonly (readonly [string, string, readonly string[]])[] = [
  ['ssl', `describe(ssl(host: '127.0.0.1', port: PORT)) { it { should_not be_enabled } }`, ['runner:ssl']],
  ['http', `http('x')\n${is("Inspec::Resources::Http::Worker::Local.new('GET', 'http://127.0.0.1:PORT/', {}).status rescue 0")}`, ['runner:http']],
  [
    'mongodb_session',
    "describe(mongodb_session(user: 'a', password: 'b', database: 'c', port: PORT).query(ping: 1)) { its('params') { should eq('ok' => false) } }",
    ['runner:mongodb_session']
  ],
  [
    'x509_certificate',
    `${CERTIFICATE}describe(x509_certificate(content: cert.to_pem)) { it { should have_purpose 'SSL client' } }`,
    ['runner:x509_certificate']
  ],
  ['custom resource', "describe(page) { its('status') { should_not eq '200' } }", ['runner:ruby']],
  ['backticks', is('`id -u`'), ['runner:ruby']],
  ['%x', is('%x(id -u)'), ['runner:ruby']],
  ['system', is("system('true')"), ['runner:ruby']],
  ['spawn', is("Process.wait(spawn('true'))"), ['runner:ruby']],
  ['fork', is('Process.wait(fork { exit! })'), ['runner:ruby']],
  ['popen', is("IO.popen(['id']).read"), ['runner:ruby']],
  ['open3', `require 'open3'\n${is("Open3.capture2('true').first")}`, ['runner:ruby']],
  ['pipe', is("open('|id').read"), ['runner:ruby']],
  ['in a check', 'describe("a") { it { expect(`id -u`).not_to eq "" } }', ['runner:ruby']],
  ['in a thread', is('Thread.new { `id -u` }.value'), ['runner:ruby']],
  ["Train's own transport", is("Train.create('local').connection.run_command('id -u').stdout"), ['runner:ruby']],
  ['File.read', is("File.read('/etc/passwd')"), ['runner:ruby']],
  ['a folder beside the profile', is("(File.read(File.join(__dir__, '..', '..', 'profile-of-others', 'x')) rescue 0)"), ['runner:ruby']],
  ['File.open', is("File.open('/etc/passwd', &:read)"), ['runner:ruby']],
  ['File.exist?', is("File.exist?('/nowhere')"), ['runner:ruby']],
  ['only_if', `only_if { File.exist?('/nowhere') }\n${is("'a'")}`, ['runner:ruby']],
  ['File.stat', is("File.stat('/').mode"), ['runner:ruby']],
  ['File::Stat', is("File::Stat.new('/').mode"), ['runner:ruby']],
  ['FileTest', is("FileTest.file?('/etc/passwd')"), ['runner:ruby']],
  ['a socket', is("File.socket?('/nowhere')"), ['runner:ruby']],
  ['setuid', is("File.setuid?('/bin/true')"), ['runner:ruby']],
  ['the same file', is("File.identical?('/bin', '/')"), ['runner:ruby']],
  ['birthtime', is("(File.birthtime('/bin/true') rescue 0)"), ['runner:ruby']],
  ['Dir', is("Dir.glob('/etc/*')"), ['runner:ruby']],
  ['Dir[]', is("Dir['/etc/*']"), ['runner:ruby']],
  ['IO.readlines', is("IO.readlines('/etc/passwd')"), ['runner:ruby']],
  ['open', is("open('/etc/passwd').read"), ['runner:ruby']],
  ['Pathname', `require 'pathname'\n${is("Pathname.new('/etc').children")}`, ['runner:ruby']],
  ['YAML.load_file', is("YAML.load_file('/etc/hostname')"), ['runner:ruby']],
  ['CSV.read', `require 'csv'\n${is("CSV.read('/etc/hostname')")}`, ['runner:ruby']],
  ['TCPSocket', is("TCPSocket.new('127.0.0.1', PORT).closed?"), ['runner:ruby']],
  ['UNIXSocket', is("(UNIXSocket.new('/nowhere') rescue 0)"), ['runner:ruby']],
  ['Net::HTTP', `require 'net/http'\n${is("(Net::HTTP.get(URI('http://127.0.0.1:PORT/')) rescue 0)")}`, ['runner:ruby']],
  ['a name', is("Addrinfo.getaddrinfo('localhost', 80).size"), ['runner:ruby']],
  ["this machine's name", is('Socket.gethostname'), ['runner:ruby']],
  ['all accounts', is('Etc.getpwent.uid'), ['runner:ruby']],
  ["this machine's kernel", is('Etc.uname[:release]'), ['runner:ruby']],
  ["this machine's addresses", is('Socket.ip_address_list.size'), ['runner:ruby']],
  ['its interfaces', is('Socket.getifaddrs.size'), ['runner:ruby']],
  ['an account', is("Etc.getpwnam('root').uid"), ['runner:ruby']],
  ['command', is("command('true').exit_status"), []],
  ['file', "describe(file('/etc/passwd')) { it { should exist } }", []],
  ['host', "describe(host('localhost')) { it { should be_resolvable } }", []],
  ['remote http', "describe(http('http://127.0.0.1:PORT/')) { its('status') { should_not eq 200 } }", []],
  ['remote local', is("inspec.backend.run_command('true').exit_status"), []],
  ['json', `describe(json(content: '{"a": 1}')) { its('a') { should eq 1 } }`, []],
  ['a certificate of the target', "describe(x509_certificate('/nowhere')) { its('key_length') { should eq 1 } }", []],
  ["the profile's file", is("inspec.profile.file('data.yml')"), []],
  ["the profile's file by path", is("File.read(File.join(__dir__, '..', 'files', 'data.yml'))"), []],
  ['a library of Ruby', `require 'prime'\n${is('Prime.first(3)')}`, []],
  ['an input', is("input('a', value: 1)"), []]
]

const here = (text: string): string => text.replaceAll('PORT', String(port))

const causesOf = async (profile: string): Promise<Map<string, string[]>> => {
  const { raw, lacks } = await localAudit([profile], { RUBYLIB: join(folder, 'driver') })
  const results = parseResults(raw, 'of this machine')
  const unjudged = unjudgedOf(results, lacks)
  const causes = unjudged.filter(({ cause }) => cause.startsWith('runner:')) // others depend on what this machine has
  return new Map(results.controls.map(({ id }) => [id, [...new Set(causes.filter(({ control }) => control === id).map(({ cause }) => cause))].toSorted()]))
}

describe('what a check asks of the machine that the auditor runs on', () => {
  let causes: Map<string, string[]>
  beforeAll(async () => {
    writtenProfile(join(folder, 'driver'), {}, { 'mongo.rb': MONGO })
    const controls = Object.fromEntries(WAYS.map(([id, code]) => [id, here(code)]))
    causes = await causesOf(writtenProfile(join(folder, 'profile'), controls, { 'files/data.yml': 'a: 1\n', 'libraries/page.rb': here(CUSTOM) }))
  }, FETCH_MS)

  test.each(WAYS)('by %s', (id, _code, expected) => {
    expect(causes.get(id)).toEqual(expected)
  })

  test('counts for all controls of the file that asked beside them', async () => {
    const controls = { uses: 'describe(CONNECTION) { it { should_not be_enabled } }', beside: is("'a'") }
    const shared = writtenProfile(join(folder, 'shared'), controls)
    const code = readFileSync(join(shared, 'controls', 'all.rb'), 'utf8')
    writtenProfile(shared, controls, { 'controls/all.rb': here(`CONNECTION = ssl(host: '127.0.0.1', port: PORT)\n${code}`) })
    expect(Object.fromEntries(await causesOf(shared))).toEqual({ uses: ['runner:ssl'], beside: ['runner:ssl'] })
  })
})

describe('a scan', () => {
  let server: ApiServer
  let place: Folder
  beforeAll(async () => {
    server = await startApiServer()
    place = new Folder()
    server.addPod({ namespace: 'shop', name: 'web' })
    const controls = { 'V-1': here(WAYS[0]?.[1] ?? ''), 'V-2': is("'a'"), 'V-3': "describe(File.read('/etc/passwd')) { it { should eq 'x' } }" }
    writtenProfile(join(place.path, 'profile'), controls)
  })
  afterAll(async () => {
    place.remove()
    await server.close()
  })

  test.each([
    ['does not judge by it, where it can be had at all', ['--runner-resources', 'deny', '--isolation', 'none'], 3, ['V-1 runner:ssl'], []],
    ['counts it where that is allowed, and says so', ['--runner-resources', 'allow'], 0, [], ['runner:ssl', 'runner:ruby']]
  ])(
    '%s',
    async (_what, more, code, unjudged, accepted) => {
      const env = { KUBECONFIG: place.file('kubeconfig', server.kubeconfig()) }
      const args = [
        'scan',
        '--namespace',
        'shop',
        '--pod',
        'web',
        '--profile',
        join(place.path, 'profile'),
        '--auditor',
        'gems',
        '--threshold',
        'failed: {total: {max: 1}}'
      ]
      const ran = await startCommandLine([...args, ...more], { folder: place.path, env }).ended
      const { verdict, runnerResources } = JSON.parse(readFileSync(join(place.path, 'kscan-reports', 'run.json'), 'utf8')) as {
        runnerResources: string
        verdict: { targets: { unjudged: { control: string; cause: string }[] }[]; accepted: string[] }
      }
      expect([ran.code, runnerResources]).toEqual([code, more[1] ?? 'deny'])
      expect(new Set(verdict.targets.flatMap((each) => each.unjudged).map(({ control, cause }) => `${control} ${cause}`))).toEqual(new Set(unjudged))
      expect(verdict.accepted).toEqual(accepted.map((cause) => expect.stringContaining(`(runner-resources accepts it: ${cause})`)))
      for (const sentence of verdict.accepted) expect(ran.stdout.replaceAll(/\s+/g, ' ')).toContain(sentence)
    },
    FETCH_MS
  )
})
