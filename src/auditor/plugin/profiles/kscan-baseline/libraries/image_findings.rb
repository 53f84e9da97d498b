require 'found_files'
require 'support'

# What is wrong with what the image is made of.
module ImageFindings
  MANAGERS = %w[apt apt-get dpkg apk yum dnf microdnf rpm zypper pip pip3 npm gem].freeze
  TOOLS = %w[gcc cc clang make gdb strace as ld nc nc.* ncat socat nmap tcpdump telnet ssh curl wget].freeze

  def support
    @support ||= Support.new(content('/etc/os-release') || content('/usr/lib/os-release'))
  end

  # :supported, :late, :ended or :unknown
  def state_of_support
    day = exception('today').to_s
    support.state(day.empty? ? Date.today : Date.iso8601(day), extended: exception('extended_support') == true)
  end

  def ended_support
    case state_of_support
    when :supported then []
    when :unknown then ["#{support}: not among the releases that are known"]
    else ["#{support}: #{state_of_support == :late ? 'its own team supports it no longer; fixes come from its LTS team' : 'it gets no more fixes'}"]
    end
  end

  def package_managers
    programs_named(MANAGERS)
  end

  def tools
    programs_named(TOOLS)
  end

  def unverified_packages
    listed(package_settings.grep(/\A=found /).map { |line| line.delete_prefix('=found ') })
  end

  private

  def loaders
    @loaders ||= listed_by('for f in /lib/ld-* /lib64/ld-* /lib/*/ld-* /usr/lib/ld-* /usr/lib64/ld-*; do if [ -e "$f" ]; then echo "$f"; fi; done')
  end

  def package_settings
    @package_settings ||= listed_by(<<~'SH'.tr("\n", ' '))
      for f in /etc/apt/sources.list /etc/apt/sources.list.d/* /etc/apt/apt.conf /etc/apt/apt.conf.d/* /etc/yum.conf /etc/dnf/dnf.conf /etc/yum.repos.d/*; do
      if [ -f "$f" ]; then echo "=file $f";
      grep -q -i -E -e '^[^#]*(trusted *[=:] *yes|AllowUnauthenticated[^;]*(true|1|yes)|Verify-(Peer|Host)[^;]*(false|0|no))|^ *(gpgcheck|sslverify) *= *(0|false|no)' "$f";
      case $? in 0) echo "=found $f";; 1) ;; *) echo "=failed $f";; esac; fi; done
    SH
  end

  def programs_named(patterns)
    @programs ||= in_folders(FoundFiles::PROGRAM_FOLDERS, '-maxdepth 1 -type f')
    listed(@programs.select { |path| patterns.any? { |pattern| File.fnmatch?(pattern, File.basename(path)) } && !allowed?('programs', File.basename(path)) })
  end
end
