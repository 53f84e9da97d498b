control 'KS-100133' do
  title 'INACTIVE must be set in /etc/default/useradd'
  desc 'A default that nobody chose is a decision that nobody made.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -i INACTIVE /etc/default/useradd

If the line is missing, commented out or has another value, this is a finding.'
  desc 'fix', 'Set INACTIVE in /etc/default/useradd.'
  impact 0.7
  tag severity: 'high'
  tag gtitle: 'SRG-OS-000133-GPOS-00001'
  tag gid: 'V-100133'
  tag rid: 'KS-100133r1_rule'
  tag stig_id: 'KSCN-01-000133'
  tag cci: ['CCI-000378']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe parse_config_file('/etc/default/useradd') do
    its(['INACTIVE']) { should cmp <= 35 }
  end
end
