# What is wrong with the processes and their rights.
module ProcessFindings
  CAPABILITIES = %w[
    CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK
    IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE
    AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE
  ].freeze
  # What containerd and Docker give.
  USUAL_CAPABILITIES = 0xa80425fb
  ARGUMENT = /\A--?(?!no-)[\w.-]*(?:password|passwd|secret|token|api-?key|access-?key)(?:=(.*))?\z/im.freeze
  LOGIN_SERVERS = %w[sshd dropbear telnetd in.telnetd rshd in.rshd rlogind xinetd vsftpd xrdp Xvnc].freeze
  DEBUGGERS = /\A--inspect(?:-brk)?(?:=|\z)|jdwp|debugpy|\Apydevd|\Adlv\z/.freeze

  def processes_of_root
    listed(processes.own.select { |each| each.ids('Uid').include?(0) && !allowed?('root_processes', each.name) })
  end

  def processes_with_new_privileges
    listed(processes.own.reject { |each| each.number('NoNewPrivs') == 1 })
  end

  def unfiltered_processes
    listed(processes.own.reject { |each| each.number('Seccomp') == 2 })
  end

  def added_capabilities
    names_of(bounding & ~USUAL_CAPABILITIES)
  end

  def kept_capabilities
    names_of(bounding) - ['NET_BIND_SERVICE']
  end

  def raw_packets
    names_of(bounding) & ['NET_RAW']
  end

  def login_servers
    listed(processes.own.select { |each| LOGIN_SERVERS.include?(each.name) && !allowed?('processes', each.name) })
  end

  def processes_with_secrets
    listed(processes.own.select { |each| secret_in?(each.arguments) })
  end

  def debuggers
    running = processes.own.select { |each| each.arguments.any? { |word| word.match?(DEBUGGERS) } || each.name == 'dlv' }
    listed([*running, *(variables['JAVA_TOOL_OPTIONS'].to_s.include?('jdwp') ? ['JAVA_TOOL_OPTIONS'] : [])])
  end

  def open_umasks
    raise Inspec::Exceptions::ResourceFailed, 'The kernel does not tell the umask of each process' unless processes.own.all? { |each| each.fields.key?('Umask') }

    listed(processes.own.reject { |each| (each.fields['Umask'].oct & 0o002) != 0 })
  end

  private

  def bounding
    processes.self_entry.capabilities('CapBnd')
  end

  def names_of(set)
    names = CAPABILITIES.each_with_index.filter_map { |name, bit| name if set[bit] == 1 }
    names << format('unknown (%x)', set >> CAPABILITIES.size) if (set >> CAPABILITIES.size).positive?
    names - Array(exception('capabilities')).map { |name| name.to_s.delete_prefix('CAP_') }
  end

  def secret_in?(arguments)
    arguments.each_with_index.any? do |word, index|
      match = word.match(ARGUMENT)
      next false unless match

      value = match[1] || (arguments[index + 1] unless arguments[index + 1].to_s.start_with?('-'))
      !value.to_s.empty? && !value.start_with?('/', '$')
    end
  end
end
