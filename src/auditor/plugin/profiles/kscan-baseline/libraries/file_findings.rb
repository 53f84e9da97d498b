require 'found_files'

# What is wrong with the files of the root file system.
module FileFindings
  SAMPLES = %r{/(?:docs?|examples?|samples?|tests?|testdata|fixtures|spec)/}i.freeze
  # A key in these is public: it is there to be tested with.
  PUBLIC_KEYS = %r{/lib(?:64)?/(?:python|perl)[^/]*/|/share/perl[^/]*/|/(?:node_modules|site-packages|dist-packages|go/(?:src|pkg)|gems)/|/ssl-cert-snakeoil\.}.freeze

  def set_id_programs
    named(files.select { |each| each.file? && each.any?(0o6000) && each.any?(0o111) })
  end

  def files_open_to_all
    named(files.select { |each| each.file? && each.any?(0o002) })
  end

  def folders_open_to_all
    named(files.select { |each| each.folder? && each.any?(0o002) && !each.any?(0o1000) })
  end

  def files_without_owner
    named(files.select { |each| !accounts.ids.include?(each.uid) && each.uid != walker.uid })
  end

  def changeable_programs
    mine = ->(each) { each.uid == walker.uid || (each.any?(0o020) && walker.gids.include?(each.gid)) }
    code = FoundFiles::CODE_FOLDERS.map { |folder| "#{folder}/" }
    named(files.select { |each| (each.file? || each.folder?) && each.path.start_with?(*code) && mine.call(each) })
  end

  def login_keys
    named(files.named(FoundFiles::LOGIN_KEYS))
  end

  def private_keys
    found = files.named(FoundFiles::KEYS).select { |each| each.size.between?(40, 64 * 1024) && open?(each) }.map(&:path)
    found = found.reject { |path| path.match?(SAMPLES) || path.match?(PUBLIC_KEYS) || allowed?('files', path) }
    return [] if found.empty?

    listed(matching('-----BEGIN .*PRIVATE KEY', found))
  end

  def credential_files
    found = files.named(FoundFiles::CREDENTIALS) | files.at(FoundFiles::CREDENTIAL_PATHS)
    named(found.reject { |each| each.path.match?(SAMPLES) })
  end

  def leftovers
    folders = files.select { |each| each.folder? && FoundFiles::LEFT_FOLDERS.include?(each.name) }
    core = ->(each) { each.name.match?(/\Acore(?:\.\d+)?\z/) }
    left = files.named(FoundFiles::LEFT_FILES).reject { |each| core.call(each) && each.size <= 4096 }
    named((folders + left).reject { |each| each.path.match?(SAMPLES) })
  end

  def changed_programs
    since = minutes_to_look_back
    listed(in_folders(FoundFiles::CODE_FOLDERS, "-xdev -type f -cmin -#{since}").reject { |path| allowed?('files', path) })
  end

  private

  # Which of the files hold a line that matches.
  def matching(pattern, paths)
    result = inspec.command("grep -l -e #{Shellwords.escape(pattern)} -- #{Shellwords.join(paths)}")
    raise Inspec::Exceptions::ResourceFailed, "Files could not be searched: #{utf8(result.stderr)[0, 200]}" unless [0, 1].include?(result.exit_status)

    result.stdout.split("\n")
  end

  def open?(entry)
    may_read?(entry.mode, entry.uid, entry.gid)
  end

  def named(entries)
    listed(entries.map(&:path).reject { |path| allowed?('files', path) }.sort)
  end
end
