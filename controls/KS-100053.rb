control 'KS-100053' do
  title 'deny must be set in /etc/security/faillock.conf'
  desc 'A default that nobody chose is a decision that nobody made.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -i deny /etc/security/faillock.conf

If the line is missing, commented out or has another value, this is a finding.'
  desc 'fix', 'Set deny in /etc/security/faillock.conf.'
  impact 0.7
  tag severity: 'high'
  tag gtitle: 'SRG-OS-000053-GPOS-00001'
  tag gid: 'V-100053'
  tag rid: 'KS-100053r1_rule'
  tag stig_id: 'KSCN-01-000053'
  tag cci: ['CCI-000378']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe parse_config_file('/etc/security/faillock.conf') do
    its(['deny']) { should cmp <= 3 }
  end
end
