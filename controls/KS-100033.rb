control 'KS-100033' do
  title 'ucredit must be set in /etc/security/pwquality.conf'
  desc 'A default that nobody chose is a decision that nobody made.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -i ucredit /etc/security/pwquality.conf

If the line is missing, commented out or has another value, this is a finding.'
  desc 'fix', 'Set ucredit in /etc/security/pwquality.conf.'
  impact 0.7
  tag severity: 'high'
  tag gtitle: 'SRG-OS-000033-GPOS-00001'
  tag gid: 'V-100033'
  tag rid: 'KS-100033r1_rule'
  tag stig_id: 'KSCN-01-000033'
  tag cci: ['CCI-000398']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe parse_config_file('/etc/security/pwquality.conf') do
    its(['ucredit']) { should cmp == -1 }
  end
end
