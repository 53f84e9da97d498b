# frozen_string_literal: true

# What a hostile profile would try, for real: attacks.rb JSON-OF-WHERE. Prints for each attack whether it was had.
require "json"
require "socket"

WHERE = JSON.parse(ARGV[0])
ATTACKS = {}
def attack(name, &block)
  ATTACKS[name] = block
end

def read?(path)
  File.read(path).include?("secret")
end

def written?(path)
  File.write(path, "hostile")
  true
end

def program?(*argv)
  system(*argv, out: File::NULL, err: File::NULL)
end

# One that is refused is followed by the next.
def tried?
  yield
rescue SystemCallError
  false
end

PTRACE = RUBY_PLATFORM.start_with?("aarch64") ? 117 : 101
PTRACE_SEIZE = 0x4206

attack("environ") { [WHERE["kscan"], WHERE["parent"]].any? { |pid| tried? { File.binread("/proc/#{pid}/environ").include?("secret") } } }
attack("memory") { File.open("/proc/#{WHERE["kscan"]}/mem", "rb") { true } }
attack("ptrace") { syscall(PTRACE, PTRACE_SEIZE, WHERE["traced"], 0, 0) == 0 }
attack("kill") { Process.kill(:TERM, WHERE["victim"]) == 1 }
attack("kubeconfig") { read?(WHERE["kubeconfig"]) }
attack("journal") { tried? { read?(WHERE["journal"]) } || written?(WHERE["journal"]) }
attack("target") { read?(WHERE["target"]) }
attack("run") { read?(WHERE["run"]) }
attack("cache") { written?(WHERE["cache"]) }
attack("dist") { written?(WHERE["dist"]) }
attack("checkout") { read?(WHERE["checkout"]) }
attack("socket") { UNIXSocket.new(WHERE["socket"]).close.nil? }
attack("public") { read?(WHERE["public"]) }
attack("abstract") { UNIXSocket.new("\0#{WHERE["abstract"]}").close.nil? }
attack("network") { TCPSocket.new("127.0.0.1", WHERE["port"]).close.nil? }
attack("rights") { File.read("/proc/self/status")[/^NoNewPrivs:\s*(\d)/, 1] != "1" }
attack("mounts") do
  program?("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", 'umount -l "$1" || mount -o remount,bind,rw "$1"', "sh", "/usr") ||
    program?("mount", "-o", "remount,bind,rw", "/usr") || program?("umount", "-l", "/usr")
end if WHERE["apart"]
attack("file") { File.open(File.join(Dir.home, "big"), "w") { |file| file.truncate(2 << 30) == 0 } }
attack("space") { ("\0" * (5 << 30)).bytesize.positive? }
attack("processor") { Process.getrlimit(:CPU).first == Process::RLIM_INFINITY }

# Into a cgroup beside its own, which bounds and ends nothing.
def leave_cgroup
  top = File.read("/proc/self/mountinfo")[/^\S+ \S+ \S+ \/ (\S+) .* - cgroup2 /, 1]
  own = File.read("/proc/self/cgroup")[/^0::(.*)$/, 1]
  beside = File.join(File.dirname(File.join(top, own)), WHERE["cgroup"])
  Dir.mkdir(beside)
  File.write(File.join(beside, "cgroup.procs"), Process.pid)
rescue SystemCallError, TypeError
  nil # there is none, or it is closed
end

leave_cgroup
# Ruby would try again for ever where it may start no more.
attack("bomb") { program?("sh", "-c", 'for n in $(seq "$1"); do env -i setsid /bin/sleep "$2" & done', "sh", *WHERE["bomb"]) }

trap("XFSZ", "IGNORE")

puts(ATTACKS.to_h do |name, block|
  [name, begin
    block.call ? "open" : "stops"
  rescue SystemCallError, SocketError, NoMemoryError
    "stops"
  end]
end.to_json)
