control 'KS-100073' do
  title 'PermitRootLogin must be set in /etc/ssh/sshd_config'
  desc 'A default that nobody chose is a decision that nobody made.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -i PermitRootLogin /etc/ssh/sshd_config

If the line is missing, commented out or has another value, this is a finding.'
  desc 'fix', 'Set PermitRootLogin in /etc/ssh/sshd_config.'
  impact 0.7
  tag severity: 'high'
  tag gtitle: 'SRG-OS-000073-GPOS-00001'
  tag gid: 'V-100073'
  tag rid: 'KS-100073r1_rule'
  tag stig_id: 'KSCN-01-000073'
  tag cci: ['CCI-000398']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe parse_config_file('/etc/ssh/sshd_config') do
    its(['PermitRootLogin']) { should cmp == 'no' }
  end
end
