control 'KS-100093' do
  title 'max_log_file_action must be set in /etc/audit/auditd.conf'
  desc 'A default that nobody chose is a decision that nobody made.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -i max_log_file_action /etc/audit/auditd.conf

If the line is missing, commented out or has another value, this is a finding.'
  desc 'fix', 'Set max_log_file_action in /etc/audit/auditd.conf.'
  impact 0.7
  tag severity: 'high'
  tag gtitle: 'SRG-OS-000093-GPOS-00001'
  tag gid: 'V-100093'
  tag rid: 'KS-100093r1_rule'
  tag stig_id: 'KSCN-01-000093'
  tag cci: ['CCI-000378']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe parse_config_file('/etc/audit/auditd.conf') do
    its(['max_log_file_action']) { should cmp == 'ROTATE' }
  end
end
