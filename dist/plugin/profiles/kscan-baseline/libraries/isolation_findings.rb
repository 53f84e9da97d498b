# How the container is kept apart from its node.
module IsolationFindings
  # The kernel's first namespaces, whose numbers are fixed.
  OF_NODE = { 'ipc' => '4026531839', 'pid' => '4026531836', 'uts' => '4026531838' }.freeze
  NODE_ROOT = /\A\s*0\s+0\s+4294967295\s*\z/.freeze
  USUAL_DEVICES = %r{\A/dev/(?:null|zero|full|random|urandom|tty|console|ptmx|pts/.*)\z}.freeze
  SOCKETS = %w[
    /var/run/docker.sock /run/docker.sock /run/containerd/containerd.sock /var/run/containerd/containerd.sock /run/crio/crio.sock /var/run/crio/crio.sock
    /run/podman/podman.sock /var/run/podman/podman.sock /run/cri-dockerd.sock /var/run/dockershim.sock
  ].freeze

  def signs_of_privilege
    masked = %w[/proc/kcore /proc/keys /proc/timer_list].any? { |place| mounts.at(place) }
    signs = names_of(bounding) & %w[SYS_MODULE SYS_RAWIO]
    signs << '/sys can be written' if mounts.at('/sys') && !mounts.at('/sys').read_only?
    return signs unless namespaces['uid_map'].match?(NODE_ROOT) # an unmasked /proc is allowed to others

    signs << '/proc/sys can be written' unless mounts.at('/proc/sys')&.read_only?
    masked ? signs : [*signs, 'nothing of /proc is covered']
  end

  def access_profile
    @access_profile ||= whole('the access profile') do
      text = said('cat /proc/self/attr/current 2>/dev/null; echo; echo =end').delete("\0")
      raise ArgumentError, 'the answer did not end' unless text.end_with?("\n=end\n")

      text.delete_suffix("\n=end\n").strip
    end
  end

  def weak_access_profile
    [access_profile].grep(/\Aunconfined|\((?:complain|unconfined|prompt)\)\z|spc_t|unconfined_t/)
  end

  def namespaces_of_node
    OF_NODE.filter_map { |kind, number| kind if namespaces[kind] == number }
  end

  def root_of_node
    namespaces['uid_map'].match?(NODE_ROOT) ? ['root here is root of the node'] : []
  end

  def writable_root
    mounts.root.read_only? ? [] : ['/']
  end

  def folders_of_node
    listed(whole('the mounts') { mounts.of_node }.map(&:place).reject { |place| allowed?('node_paths', place) })
  end

  def runtime_sockets
    known = SOCKETS.map { |path| [path, inspec.backend.file(path)] }.select { |_, file| file.exist? && file.type == :socket }.map(&:first)
    listed((mounts.sockets.map(&:place) + known).uniq)
  end

  def propagating_mounts
    listed(mounts.propagating.map(&:place).reject { |place| allowed?('propagating_mounts', place) })
  end

  def tokens
    listed(mounts.tokens.map(&:place))
  end

  def devices
    files.select(&:device?).map(&:path).reject { |path| path.match?(USUAL_DEVICES) || allowed?('devices', path) }.then { |paths| listed(paths) }
  end

  def unlimited_resources
    text = %w[/sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes].filter_map { |path| content(path) }.first
    raise Inspec::Exceptions::ResourceFailed, 'The limit of memory cannot be seen' if text.nil?

    bytes = text.strip[/\A\d+\z/]&.to_i
    bytes && bytes < 9_223_372_036_854_771_712 ? [] : ['memory']
  end
end
