control 'KS-100173' do
  title 'ID must be set in /etc/os-release'
  desc 'A default that nobody chose is a decision that nobody made.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -i ID /etc/os-release

If the line is missing, commented out or has another value, this is a finding.'
  desc 'fix', 'Set ID in /etc/os-release.'
  impact 0.7
  tag severity: 'high'
  tag gtitle: 'SRG-OS-000173-GPOS-00001'
  tag gid: 'V-100173'
  tag rid: 'KS-100173r1_rule'
  tag stig_id: 'KSCN-01-000173'
  tag cci: ['CCI-000378']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe parse_config_file('/etc/os-release') do
    its(['ID']) { should cmp == 'debian' }
  end
end
