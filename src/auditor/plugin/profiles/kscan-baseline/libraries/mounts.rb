# What the kernel says of the mounts: /proc/self/mountinfo, read.
class Mounts
  # Of a file system: its device, what of it is mounted, and where.
  Entry = Struct.new(:device, :root, :place, :options, :optional, :type, :super_options) do
    def read_only?
      options.include?('ro')
    end
  end

  # The kubelet's own folders of a pod, and what a runtime makes for its sandbox.
  PODS = %r{/pods/[^/]+/(?:volumes|volume-subpaths|etc-hosts|containers|plugins)(?:/|\z)|/[0-9a-f]{64}(?:/|\z)}.freeze
  # What of devtmpfs is bound by itself in a user namespace: usual devices, and /dev/null over what is covered.
  USUAL_DEVICES = %w[/null /zero /full /random /urandom /tty].freeze
  # What the runtime mounts, whatever the pod says.
  OF_RUNTIME = %r{\A/(?:proc|sys|dev)(?:/|\z)}.freeze
  # Nothing of the node's secrets, and usual to share.
  HARMLESS = %w[/usr/share/zoneinfo /etc/localtime /etc/ssl/certs /etc/pki /usr/share/ca-certificates /usr/local/share/ca-certificates].freeze
  KUBELETS = %w[/etc/hosts /etc/resolv.conf /etc/hostname /dev/termination-log].freeze
  RUNTIME_SOCKET = %r{/(?:docker|containerd|crio|podman|cri-dockerd|dockershim|kubelet)[^/]*\.sock\z}.freeze
  TOKEN = %r{/secrets/kubernetes\.io/serviceaccount\z}.freeze

  attr_reader :all

  # Raises ArgumentError for a text without the mount at /.
  def initialize(text)
    @all = text.to_s.lines.map(&:chomp).reject(&:empty?).map { |line| entry(line) }
    raise ArgumentError, 'the mounts were not told' unless root
  end

  # What is mounted over it last is what is seen.
  def at(place)
    @all.reverse.find { |mount| mount.place == place }
  end

  def root
    at('/')
  end

  def places
    @places ||= @all.map(&:place)
  end

  def of_node
    disk = KUBELETS.filter_map { |place| at(place)&.device }.first
    raise ArgumentError, 'none of the kubelet\'s own mounts was told' unless disk

    own_dev = at('/dev')&.device
    @all.select { |mount| of_node?(mount, disk: disk, own_dev: own_dev) }
  end

  def sockets
    @all.select { |mount| [mount.root, mount.place].any? { |path| path.match?(RUNTIME_SOCKET) } }
  end

  # With one volume that propagates, what the kubelet makes does, too.
  def propagating
    @all.select { |mount| mount.optional.any? { |word| word.start_with?('shared:') } }
        .reject { |mount| mount.place == '/' || mount.place.match?(OF_RUNTIME) || KUBELETS.include?(mount.place) || mount.place.match?(TOKEN) }
  end

  def tokens
    @all.select { |mount| mount.place.match?(TOKEN) }
  end

  private

  def of_node?(mount, disk:, own_dev:)
    return false if mount.place == '/' || mount.device == own_dev
    return false if mount.read_only? && HARMLESS.any? { |path| mount.place == path || mount.place.start_with?("#{path}/") }
    return !mount.root.match?(PODS) if mount.device == disk
    return !USUAL_DEVICES.include?(mount.root) if mount.type == 'devtmpfs'

    mount.type == 'tmpfs' && mount.root != '/' && !mount.root.start_with?('/..20') && !mount.super_options.include?('noswap')
  end

  def entry(line)
    before, after = line.split(' - ', 2)
    _id, _parent, device, root, place, options, *optional = before.split
    type, _source, super_options = after.to_s.split
    raise ArgumentError, 'a mount was not told whole' if options.nil? || type.nil?

    Entry.new(device, unescaped(root), unescaped(place), options.split(','), optional, type, super_options.to_s.split(','))
  end

  def unescaped(path)
    path.gsub(/\\([0-7]{3})/) { Regexp.last_match(1).oct.chr }
  end
end
