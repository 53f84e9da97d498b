require 'accounts'

# What is wrong with the accounts.
module AccountFindings
  def other_roots
    accounts.all.select { |each| each.uid.match?(/\A0+\z/) && each.name != 'root' }.map(&:name)
  end

  def doubled_accounts
    accounts.doubles
  end

  def accounts_without_password
    accounts.all.select { |each| each.password == '' }.map(&:name)
  end

  def usable_passwords
    content('/etc/shadow').to_s.lines.map { |line| line.chomp.split(':', -1) }.reject { |fields| fields.size < 2 || fields[1] == 'x' || fields[1].start_with?('!', '*') }.map(&:first)
  end

  def open_account_files
    { '/etc/passwd' => 0o644, '/etc/group' => 0o644, '/etc/shadow' => 0o640, '/etc/gshadow' => 0o640 }.filter_map do |path, most|
      file = inspec.backend.file(path)
      next unless file.exist?

      bits = file.mode & 0o777
      format('%s (%04o, uid %d)', path, bits, file.uid) if file.uid != 0 || (bits & ~most) != 0
    end
  end

  def login_shells
    accounts.all.reject { |each| each.name == 'root' || each.shell.to_s.match?(Accounts::NO_LOGIN) || allowed?('login_accounts', each.name) }
            .map { |each| "#{each.name} (#{each.shell.to_s.empty? ? '/bin/sh' : each.shell})" }
  end
end
