require 'date'
require 'shellwords'
require 'account_findings'
require 'file_findings'
require 'have_no'
require 'image_findings'
require 'isolation_findings'
require 'mounts'
require 'process_findings'
require 'processes'
require 'setting_findings'

# The container, as few questions tell it: each is asked once, when the first control wants its answer. What a control names is a list of what is wrong; an
# answer that is not whole raises, so that nothing passes for want of one.
class Container < Inspec.resource(1)
  include ProcessFindings
  include IsolationFindings
  include FileFindings
  include AccountFindings
  include SettingFindings
  include ImageFindings

  name 'kscan_container'
  supports platform: 'unix'
  desc 'Findings about the container that this runs in.'

  MOST = 50

  # `inputs`: gives the profile's inputs by name.
  def initialize(inputs)
    super()
    @inputs = inputs
  end

  def to_s
    'The container'
  end

  # Reasons why a control does not apply, nil where it does. What could not be asked is no reason.

  def without_processes
    reason('no process of the image runs here: only the image is looked at') { processes.own.empty? }
  end

  def of_other_users
    reason('the ids of this container are other ones on the node') { !namespaces['uid_map'].match?(NODE_ROOT) }
  end

  def without_root
    reason('nothing runs as root') { processes.own.none? { |each| each.ids('Uid').include?(0) } }
  end

  def without_new_privileges
    reason('no process can gain privileges by a program') { processes.own.any? && processes.own.all? { |each| each.number('NoNewPrivs') == 1 } }
  end

  def run_by_root
    reason('the user of the container is root') { processes.own.any? ? processes.own.any? { |each| each.ids('Uid')[1].zero? } : walker.uid.zero? }
  end

  def read_only_root
    reason('the root file system is read-only') { mounts.root.read_only? }
  end

  def without_accounts
    reason('the image has no /etc/passwd') { accounts.nil? }
  end

  def without_shadow
    reason('there is no /etc/shadow, or this user may not read it') { !readable?('/etc/shadow') }
  end

  def without_profile_of_access
    reason('the node enforces no access profiles') { access_profile.empty? }
  end

  def without_loader
    reason('the image has no dynamic loader') { loaders.empty? }
  end

  def without_release
    reason('the image names no release of a distribution with an end of support') { !support.known? }
  end

  def without_package_settings
    reason('the image has no settings of apt, yum or dnf') { package_settings.none? { |line| line.start_with?('=file ') } }
  end

  def network_of_node
    reason('the network is the node\'s') { namespaces['uts'] == OF_NODE['uts'] }
  end

  def needs_api
    reason('the input needs_api says that the workload asks the cluster') { exception('needs_api') == true }
  end

  def young
    reason('it runs for less than two minutes') { minutes_to_look_back < 1 }
  end

  private

  def exception(name)
    @inputs.call(name)
  end

  def allowed?(name, text)
    Array(exception(name)).any? { |pattern| File.fnmatch?(pattern.to_s, text.to_s, File::FNM_DOTMATCH) }
  end

  # What cannot be asked now is asked again by the checks, and is their error.
  def reason(text)
    yield ? text : nil
  rescue Inspec::Exceptions::ResourceFailed
    nil
  end

  def processes
    @processes ||= whole('the processes') { Processes.new(said(Processes::QUESTION)) }
  end

  def mounts
    @mounts ||= whole('the mounts') { Mounts.new(content('/proc/self/mountinfo')) }
  end

  def namespaces
    @namespaces ||= whole('the namespaces') do
      text = said("for n in ipc pid uts; do readlink /proc/self/ns/$n; done; echo uid_map: $(cat /proc/self/uid_map)")
      found = text.scan(/^(ipc|pid|uts|uid_map):\[?([^\]\n]*)\]?$/).to_h
      raise ArgumentError, 'not all namespaces were told' unless found.size == 4 && found.values.none? { |value| value.strip.empty? }

      found
    end
  end

  def accounts
    return @accounts if defined?(@accounts)

    text = content('/etc/passwd')
    @accounts = text.nil? ? nil : Accounts.new(text)
  end

  def variables
    @variables ||= whole('the variables') do
      found = said('env -0').split("\0").filter_map { |entry| entry.split('=', 2) if entry.include?('=') }.to_h
      raise ArgumentError, 'neither PATH nor HOSTNAME is among them' unless found.key?('PATH') || found.key?('HOSTNAME')

      found
    end
  end

  # The user by whom the scan runs, who is the container's.
  def walker
    @walker ||= begin
      me = processes.self_entry
      gids = [me.ids('Gid')[1], *me.ids('Groups')].uniq
      everywhere = me.ids('Uid')[1].zero? && (me.capabilities('CapEff') & 0b110) != 0
      FoundFiles::Walker.new(uid: me.ids('Uid')[1], gids: gids, everywhere: everywhere, known_ids: accounts&.ids)
    end
  end

  def files
    @files ||= whole('the files') { FoundFiles.new(said(FoundFiles.question(walker)), places: mounts.places) }
  end

  # Paths that `find` gives below folders that are no links; folders of a merged /usr are looked at once.
  def in_folders(folders, test)
    listed_by("for d in #{folders.join(' ')}; do if [ -d \"$d\" ] && [ ! -L \"$d\" ]; then find \"$d\" #{test} || echo \"=failed $d\"; fi; done")
  end

  def listed_by(script)
    *lines, last = said("#{script}; echo =end").split("\n")
    failed = lines.grep(/\A=failed /)
    raise Inspec::Exceptions::ResourceFailed, "Not all could be looked at: #{failed.first || 'the answer did not end'}" if last != '=end' || failed.any?

    lines
  end

  # How far back a change is one since the start, in minutes: what starts a container may write in its first.
  def minutes_to_look_back
    first = processes.oldest
    first ? ((processes.uptime - (first.started / 100.0)) / 60).floor - 1 : 0
  end

  # What a command prints; it must end well.
  def said(command)
    result = inspec.command(command)
    return utf8(result.stdout) if result.exit_status.zero?

    raise Inspec::Exceptions::ResourceFailed, "A question was not answered: #{command[0, 40]} … gave exit #{result.exit_status}: #{utf8(result.stderr)[0, 200]}"
  end

  def utf8(text)
    text.to_s.dup.force_encoding(Encoding::UTF_8).scrub('?')
  end

  # nil where there is none.
  def content(path)
    (@contents ||= {})[path] ||= [inspec.backend.file(path)].map { |file| file.exist? ? utf8(file.content) : nil }
    @contents[path].first
  end

  def whole(what)
    yield
  rescue ArgumentError => e
    raise Inspec::Exceptions::ResourceFailed, "Not all was told of #{what}: #{e.message}"
  end

  def readable?(path)
    file = inspec.backend.file(path)
    file.exist? && may_read?(file.mode, file.uid, file.gid)
  end

  def may_read?(mode, uid, gid)
    return true if walker.everywhere
    return (mode & 0o400) != 0 if uid == walker.uid

    (mode & (walker.gids.include?(gid) ? 0o040 : 0o004)) != 0
  end

  # At most so many that people read, each on its line.
  def listed(items)
    texts = items.map { |item| item.to_s.gsub(/[[:cntrl:]]/) { |char| char.dump[1..-2] } }
    texts.size > MOST ? [*texts.first(MOST), "… and #{texts.size - MOST} more"] : texts
  end
end
