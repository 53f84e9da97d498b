control 'KS-100127' do
  title 'LOGIN_TIMEOUT in /etc/login.defs must be set as the handbook says'
  desc 'New accounts get what stands there.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -i LOGIN_TIMEOUT /etc/login.defs

If the line is missing or has another value, this is a finding.'
  desc 'fix', 'Set LOGIN_TIMEOUT in /etc/login.defs.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000127-GPOS-00001'
  tag gid: 'V-100127'
  tag rid: 'KS-100127r1_rule'
  tag stig_id: 'KSCN-01-000127'
  tag cci: ['CCI-000372']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe login_defs do
    its('LOGIN_TIMEOUT') { should_not be_nil }
    its('LOGIN_TIMEOUT') { should cmp <= 60 }
  end
end
