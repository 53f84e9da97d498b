control 'KS-100153' do
  title 'multi must be set in /etc/host.conf'
  desc 'A default that nobody chose is a decision that nobody made.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -i multi /etc/host.conf

If the line is missing, commented out or has another value, this is a finding.'
  desc 'fix', 'Set multi in /etc/host.conf.'
  impact 0.7
  tag severity: 'high'
  tag gtitle: 'SRG-OS-000153-GPOS-00001'
  tag gid: 'V-100153'
  tag rid: 'KS-100153r1_rule'
  tag stig_id: 'KSCN-01-000153'
  tag cci: ['CCI-000398']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe parse_config_file('/etc/host.conf') do
    its(['multi']) { should cmp == 'off' }
  end
end
