require 'shellwords'

# One walk over the root file system for all questions about files, and what came of it.
class FoundFiles
  PROGRAM_FOLDERS = %w[/bin /sbin /usr/bin /usr/sbin /usr/local/bin /usr/local/sbin].freeze
  CODE_FOLDERS = [*PROGRAM_FOLDERS, '/lib', '/lib64', '/usr/lib', '/usr/local/lib'].freeze
  KEYS = %w[*.pem *.key id_*].freeze
  LOGIN_KEYS = %w[authorized_keys authorized_keys2 .rhosts .shosts hosts.equiv shosts.equiv].freeze
  CREDENTIALS = %w[.netrc .git-credentials .pgpass .my.cnf .pypirc .dockercfg kubeconfig *.tfstate .vault-token].freeze
  CREDENTIAL_PATHS = %w[*/.aws/credentials */.kube/config */.docker/config.json].freeze
  LEFT_FOLDERS = %w[.git .svn .hg].freeze
  # No path has two slashes in a row: it ends each, and this ends them all.
  LAST = '//end'.freeze
  LEFT_FILES = %w[.env .*_history core core.[0-9]*].freeze

  # `mode` is that of the kernel, with the type.
  Entry = Struct.new(:mode, :uid, :gid, :size, :path) do
    def file?
      mode >> 12 == 0o10
    end

    def folder?
      mode >> 12 == 0o4
    end

    def device?
      [0o2, 0o6].include?(mode >> 12)
    end

    def any?(bits)
      (mode & bits) != 0
    end

    def name
      path[%r{[^/]*\z}]
    end
  end

  # Who walks: an id, groups, and whether closed folders are open to it; and the ids that have an account, nil where there are no accounts.
  Walker = Struct.new(:uid, :gids, :everywhere, :known_ids, keyword_init: true)

  # The command. What the walker may not open is left out by its mode, on purpose: what is in there, it cannot reach.
  def self.question(walker)
    words = %w[find / /dev -xdev]
    words += ['(', '-type', 'd', *closed(walker), ')', '-prune', '-o'] unless walker.everywhere
    words += ['(', *wanted(walker), ')', '-exec', 'stat', '-c', '%f %u %g %s %n//', '{}', '+']
    "#{Shellwords.join(words)} && echo #{LAST}"
  end

  def self.closed(walker)
    user = ['-user', walker.uid.to_s]
    groups = walker.gids.flat_map { |gid| ['-o', '-group', gid.to_s] }.drop(1)
    ['(', '(', *user, '!', '-perm', '-0500', ')',
     '-o', '(', '!', *user, '(', *groups, ')', '!', '-perm', '-0050', ')',
     '-o', '(', '!', *user, '!', '(', *groups, ')', '!', '-perm', '-0005', ')', ')']
  end

  def self.wanted(walker)
    files = [['-perm', '-0002'], ['-perm', '-4000'], ['-perm', '-2000'], *names([*KEYS, *LOGIN_KEYS, *CREDENTIALS, *LEFT_FILES]), *paths(CREDENTIAL_PATHS)]
    any = [['-type', 'b'], ['-type', 'c'],
           ['-type', 'f', '(', *either(files), ')'],
           ['-type', 'd', '(', *either([['-perm', '-0002'], *names(LEFT_FOLDERS)]), ')'],
           ['(', *either(paths(CODE_FOLDERS.map { |folder| "#{folder}/*" })), ')', '!', '-type', 'l', '(', *either(changeable(walker)), ')']]
    any << walker.known_ids.flat_map { |id| ['!', '-user', id.to_s] } if walker.known_ids&.any?
    either(any)
  end

  def self.changeable(walker)
    [['-user', walker.uid.to_s], *walker.gids.map { |gid| ['-group', gid.to_s, '-perm', '-0020'] }]
  end

  def self.names(patterns)
    patterns.map { |pattern| ['-name', pattern] }
  end

  def self.paths(patterns)
    patterns.map { |pattern| ['-path', pattern] }
  end

  def self.either(alternatives)
    alternatives.flat_map { |words| ['-o', *words] }.drop(1)
  end

  # `places`: those of mounts, of which the walk shows the place though not what is in it. Raises ArgumentError for a text that is no such answer.
  def initialize(text, places:)
    rest = text.dup.force_encoding(Encoding::BINARY)
    raise ArgumentError, 'the answer did not end' unless rest == "#{LAST}\n" || rest.end_with?("//\n#{LAST}\n")

    @entries = rest.delete_suffix("#{LAST}\n").split("//\n").map do |line|
      fields = line.match(%r{\A(\h+) (\d+) (\d+) (\d+) (/.*)\z}mn)
      raise ArgumentError, 'a file was not told whole' unless fields

      mode, uid, gid, size, path = fields.captures
      Entry.new(mode.hex, uid.to_i, gid.to_i, size.to_i, path.force_encoding(Encoding::UTF_8).scrub('?'))
    end
    @entries.reject! { |entry| places.include?(entry.path) }
  end

  def select(&block)
    @entries.select(&block)
  end

  def named(patterns)
    select { |entry| entry.file? && entry.size.positive? && patterns.any? { |pattern| File.fnmatch?(pattern, entry.name, File::FNM_DOTMATCH) } }
  end

  def at(patterns)
    select { |entry| entry.file? && entry.size.positive? && patterns.any? { |pattern| File.fnmatch?(pattern, entry.path, File::FNM_DOTMATCH) } }
  end
end
