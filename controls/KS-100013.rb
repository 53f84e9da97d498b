control 'KS-100013' do
  title 'minlen must be set in /etc/security/pwquality.conf'
  desc 'A default that nobody chose is a decision that nobody made.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -i minlen /etc/security/pwquality.conf

If the line is missing, commented out or has another value, this is a finding.'
  desc 'fix', 'Set minlen in /etc/security/pwquality.conf.'
  impact 0.7
  tag severity: 'high'
  tag gtitle: 'SRG-OS-000013-GPOS-00001'
  tag gid: 'V-100013'
  tag rid: 'KS-100013r1_rule'
  tag stig_id: 'KSCN-01-000013'
  tag cci: ['CCI-000378']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe parse_config_file('/etc/security/pwquality.conf') do
    its(['minlen']) { should cmp >= 15 }
  end
end
