control 'KS-100045' do
  title 'No system command may match -perm /022'
  desc 'A command that others can replace runs what others want.'
  desc 'check', 'Verify it with the following command:

     $ sudo find -L /bin /sbin /usr/bin /usr/sbin -perm /022 -type f -exec stat -c \'%n %a\' \'{}\' \\;

If the command prints a path that the owner has not approved, this is a finding.'
  desc 'fix', 'Give the file back to root, and take the rights of others away.'
  impact 0.3
  tag severity: 'low'
  tag gtitle: 'SRG-OS-000045-GPOS-00001'
  tag gid: 'V-100045'
  tag rid: 'KS-100045r1_rule'
  tag stig_id: 'KSCN-01-000045'
  tag cci: ['CCI-000370']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  dirs = input('system_command_dirs').select { |dir| directory(dir).exist? }
  failing = command("find -L #{dirs.join(' ')} -perm /022 -type f -exec ls -d {} \\;").stdout.split("\n")

  describe 'System commands' do
    it 'must be as the system installed them' do
      expect(failing).to be_empty, "failing:\n\t- #{failing.join("\n\t- ")}"
    end
  end
end
