import type { Random } from './random.ts'

/** Ruby of a profile that means harm, each bounded so that it cannot take a machine down that does not bound it. `MARK` stands in the words of all that it starts. */
export const DEEDS = {
  daemon: 'spawn("sleep 600.MARK", pgroup: true)',
  'daemon without a parent': 'fork { Process.setsid; fork { Process.setproctitle("MARK"); trap("TERM", "IGNORE"); sleep 600 }; exit! }',
  'daemon without descriptors':
    'fork { Process.setsid; $0 = "MARK"; [$stdin, $stdout, $stderr].each { |io| io.reopen("/dev/null") }; (3..30).each { |n| IO.for_fd(n).close rescue next }; sleep 600 }',
  'many processes': 'begin; 150.times { fork { $0 = "MARK"; sleep 600 } }; rescue StandardError, NoMemoryError; end',
  'processes that start processes': 'fork { $0 = "MARK"; 100.times { fork { sleep 1; fork { sleep 600 } } rescue break }; sleep 600 }',
  'a stopped auditor': 'Process.kill(:STOP, Process.pid)',
  'a stopped parent': 'Process.kill(:STOP, Process.ppid) rescue nil',
  'an ended parent': 'Process.kill(:KILL, Process.ppid) rescue nil',
  'an ended group': 'Process.kill(:TERM, 0)',
  'deaf to signals': '%w[TERM INT HUP QUIT USR1].each { |name| trap(name, "IGNORE") }; sleep 600',
  'a fault in memory': 'Process.kill(:SEGV, Process.pid)',
  'no end': 'loop {}',
  'an expression without end': '("a" * 60 + "!").match?(/^(a|aa)+$\\1?/)',
  'much memory': 'keep = []; 6_000.times { keep << "x" * 1_000_000 }',
  'a late end': 'at_exit { sleep 600 }',
  'an early end': 'exit!(0)',
  'an odd end': 'exit!(172)',
  'an end as of failed checks': 'exit!(100)',
  'a flood on stdout': 'Thread.new { loop { $stdout.write("x" * 65_536 + "\\n") } }; sleep 1',
  'a flood on stderr': 'Thread.new { loop { $stderr.write("::error::x\\n" * 6_000) } }; sleep 1',
  'closed descriptors': 'ObjectSpace.each_object(IO) { |io| io.close rescue nil }',
  'links in its folders': 'Dir.glob("#{Dir.home}/../**/*").first(50).each { |f| File.unlink(f) rescue next; File.symlink("/etc/passwd", f) rescue next }',
  'pipes in its folders': '20.times { |n| File.mkfifo("#{Dir.home}/../p#{n}") rescue break }',
  'many files': '3_000.times { |n| File.write("#{Dir.home}/f#{n}", "x") rescue break }',
  'deep folders': 'Dir.chdir(Dir.home); 300.times { Dir.mkdir("d"); Dir.chdir("d") } rescue nil',
  'closed folders': 'Dir.mkdir("#{Dir.home}/shut") rescue nil; File.write("#{Dir.home}/shut/f", "x"); File.chmod(0, "#{Dir.home}/shut") rescue nil',
  'files that grow while they are removed':
    'fork { $0 = "MARK"; Process.setsid; n = 0; loop { File.write("#{Dir.home}/g#{n += 1}", "x") rescue sleep(0.01) } }',
  'no folder': 'require "fileutils"; FileUtils.rm_rf(File.dirname(Dir.home))',
  'results of its own': 'at_exit { File.write("/dev/fd/3", "{") rescue nil }',
  'results that are no JSON': 'at_exit { (3..12).each { |n| IO.for_fd(n, "w", autoclose: false).write("{" * 1000) rescue next } }',
  'another connection': 'ObjectSpace.each_object(String) { |s| (UNIXSocket.new(s).write("x" * 100_000) if s.end_with?("/broker")) rescue next }',
  'a text without end': 'raise "<b>" * 3_000_000'
} as const

/** After which a profile may well have results that count: those that leave something behind, take time, or try what they may not. */
const HARMLESS: ReadonlySet<string> = new Set([
  'daemon',
  'daemon without a parent',
  'daemon without descriptors',
  'many processes',
  'processes that start processes',
  'a stopped parent',
  'an ended parent',
  'a flood on stdout',
  'a flood on stderr',
  'links in its folders',
  'pipes in its folders',
  'many files',
  'deep folders',
  'closed folders',
  'files that grow while they are removed',
  'another connection',
  'much memory',
  'an expression without end'
])

/** Commands that mean harm, for a container. */
const COMMANDS = [
  'yes',
  'cat /dev/zero',
  'sleep 600',
  'kill -9 $PPID',
  'kill -STOP $PPID',
  'exec >&-; sleep 600',
  '(' + '('.repeat(4000) + ')'.repeat(4001),
  'echo ' + '$(echo '.repeat(3000) + ')'.repeat(3000),
  'cat ' + "<<'A' ".repeat(2000),
  'printf "%s" ' + '{a,b}'.repeat(200),
  'head -c 3000000 /dev/zero',
  'printf "\\033]0;x\\007::add-mask::x"',
  '\u0000',
  ''
] as const

export interface HostileProfile {
  /** What it does, for people. */
  readonly deeds: readonly string[]
  /** Whether its results may count. */
  readonly mayPass: boolean
  readonly files: Readonly<Record<string, string>>
}

/** A profile of some of these deeds, done while it loads, while its controls run or in a library; its commands may mean harm, too. */
export const hostileProfile = (random: Random, mark: string): HostileProfile => {
  const chosen = Array.from({ length: 1 + random.below(3) }, () => random.pick(Object.entries(DEEDS)))
  const places = chosen.map(([, code]) => ({ place: random.pick(PLACES), code: code.replaceAll('MARK', mark) }))
  const codeAt = (place: Place): string =>
    places
      .filter((each) => each.place === place)
      .map(({ code }) => `${code}\n`)
      .join('')
  const commands = Array.from({ length: random.below(3) }, () => random.pick(COMMANDS))
  const controls = commands.map((command, index) =>
    controlOf(`command-${index}`, `describe command(${JSON.stringify(command)}) do\n its("stdout") { should eq "" }\nend`)
  )
  return {
    deeds: chosen.map(([deed]) => deed),
    mayPass: commands.length === 0 && chosen.every(([deed]) => HARMLESS.has(deed)),
    files: {
      'inspec.yml': 'name: hostile\nversion: 1.0.0\n',
      'libraries/hostile.rb': codeAt('library'),
      'controls/all.rb': [
        codeAt('load'),
        controlOf('fine', 'describe file("/etc/passwd") do\n it { should exist }\nend'),
        ...controls,
        controlOf('deed', `describe "deed" do\n it("is done") { ${codeAt('check')}; expect(1).to eq(1) }\nend`)
      ].join('\n')
    }
  }
}

type Place = (typeof PLACES)[number]
const PLACES = ['load', 'check', 'library'] as const

const controlOf = (id: string, code: string): string => `control "${id}" do\n${code}\nend`
