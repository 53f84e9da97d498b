# frozen_string_literal: true

# Two commands, so that each is one start of Ruby for all gems:
#   gems.rb fetch FOLDER      stdin: `NAME VERSION` lines; puts the files into FOLDER/cache, from the gem sources that the user has configured
#   gems.rb unpack FROM TO    what the auditor needs of each FROM/*.gem, all into the one tree TO
# What could not be had is a line of stdout each, and exit status 1. Nothing is installed, built or executed.

require 'fileutils'

THREADS = 8
ATTEMPTS = 2
NEEDED = ['lib/*', 'data/*', 'etc/*'].freeze # the star takes slashes too

def fetch(folder)
  require 'rubygems/remote_fetcher'
  FileUtils.mkdir_p(File.join(folder, 'cache'))
  wanted = Queue.new
  $stdin.each_line { |line| wanted << line.split }
  sources = Gem.sources.each_source.to_a # read once: configuration is not made for threads
  sources.each(&:uri)
  Array.new(THREADS) { Thread.new { fetch_all(wanted, sources, folder) } }.flat_map(&:value)
end

# A fetcher of RubyGems holds one connection, so each thread has its own.
def fetch_all(wanted, sources, folder)
  fetcher = Gem::RemoteFetcher.new(Gem.configuration[:http_proxy])
  failures = []
  until wanted.empty?
    name, version = begin
      wanted.pop(true)
    rescue ThreadError
      break
    end
    failure = fetch_one(fetcher, Gem::Specification.new(name, version), sources, folder)
    failures << "#{name}-#{version}: #{failure}" if failure
  end
  failures
end

# Nil when it came, else what the last source said.
def fetch_one(fetcher, spec, sources, folder)
  failure = 'no gem source is configured'
  ATTEMPTS.times do
    sources.each do |source|
      fetcher.download(spec, source.uri.to_s, folder)
      return nil
    rescue StandardError => e
      failure = e.message
    end
  end
  failure
end

def unpack(from, to)
  require 'rubygems/package'
  FileUtils.mkdir_p(to)
  Dir[File.join(from, '*.gem')].sort.each do |file|
    package = Gem::Package.new(file)
    NEEDED.each { |pattern| package.extract_files(to, pattern) }
  end
  []
end

failures = case ARGV.shift
           when 'fetch' then fetch(*ARGV)
           when 'unpack' then unpack(*ARGV)
           else ['gems.rb: fetch FOLDER, or unpack FROM TO']
           end
puts failures
exit(failures.empty?)
