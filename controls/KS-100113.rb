control 'KS-100113' do
  title 'kernel.sysrq must be set in /etc/sysctl.conf'
  desc 'A default that nobody chose is a decision that nobody made.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -i kernel.sysrq /etc/sysctl.conf

If the line is missing, commented out or has another value, this is a finding.'
  desc 'fix', 'Set kernel.sysrq in /etc/sysctl.conf.'
  impact 0.7
  tag severity: 'high'
  tag gtitle: 'SRG-OS-000113-GPOS-00001'
  tag gid: 'V-100113'
  tag rid: 'KS-100113r1_rule'
  tag stig_id: 'KSCN-01-000113'
  tag cci: ['CCI-000398']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe parse_config_file('/etc/sysctl.conf') do
    its(['kernel.sysrq']) { should cmp == 0 }
  end
end
