# What is wrong with variables and settings.
module SettingFindings
  SECRET = /PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIAL|CONNECTION_?STRING/.freeze
  NO_SECRET = /_(?:FILE|PATH|DIR|TTL|NAME|URL|HOST|PORT|TYPE|ID)\z|_(?:SERVICE_(?:HOST|PORT)|PORT_\d+_(?:TCP|UDP))(?:_|\z)/.freeze
  SWITCHES = {
    'NODE_TLS_REJECT_UNAUTHORIZED' => /\A0\z/, 'PYTHONHTTPSVERIFY' => /\A0\z/, 'GIT_SSL_NO_VERIFY' => /\A(?:1|true|yes|on)\z/i,
    'NPM_CONFIG_STRICT_SSL' => /\Afalse\z/i, 'PIP_TRUSTED_HOST' => /./
  }.freeze

  def secret_variables
    listed(variables.select { |name, value| value != '' && name.upcase.match?(SECRET) && !name.upcase.match?(NO_SECRET) && !allowed?('variables', name) }.keys)
  end

  def preloaded
    by_file = content('/etc/ld.so.preload').to_s.lines.map { |line| line.sub(/#.*/m, '') }.flat_map { |line| line.split(/[\s:]+/) }
    by_variable = variables.values_at('LD_PRELOAD', 'LD_AUDIT', 'LD_LIBRARY_PATH').compact.flat_map { |value| value.split(/[\s:]+/) }
    listed((by_file + by_variable).reject { |path| path.empty? || allowed?('preloaded', path) })
  end

  def unsafe_search_path
    path = variables['PATH']
    return [] if path.nil?

    entries = path.split(':', -1)
    listed(entries.uniq.filter_map { |entry| unsafe(entry) })
  end

  def unverified_certificates
    listed(SWITCHES.filter_map { |name, off| name if (variables[name] || variables[name.downcase]).to_s.match?(off) })
  end

  def privileged_ports
    raise Inspec::Exceptions::ResourceFailed, 'The sockets cannot be seen' if content('/proc/net/tcp').nil? # the other table is not there without IPv6

    listed(%w[tcp tcp6].flat_map { |kind| listening(content("/proc/net/#{kind}").to_s) }.uniq.sort.select { |port| port < 1024 }
                       .reject { |port| Array(exception('ports')).map(&:to_i).include?(port) })
  end

  private

  def unsafe(entry)
    return 'an empty entry' if entry.empty?
    return "#{entry} (relative)" unless entry.start_with?('/')

    folder = inspec.backend.file(entry)
    "#{entry} (everyone may write)" if folder.exist? && (folder.mode & 0o002) != 0
  end

  # Ports of sockets that listen, but on the loopback.
  def listening(table)
    table.lines.drop(1).map(&:split).select { |fields| fields[3] == '0A' }.map { |fields| fields[1].split(':') }
         .reject { |address, _| address.match?(/\A(?:[0-9A-F]{6}7F|0{24}01000000|0{16}FFFF0000[0-9A-F]{6}7F)\z/) }.map { |_, port| port.hex }
  end
end
