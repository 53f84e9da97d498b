control 'KS-100107' do
  title 'LOGIN_RETRIES in /etc/login.defs must be set as the handbook says'
  desc 'New accounts get what stands there.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -i LOGIN_RETRIES /etc/login.defs

If the line is missing or has another value, this is a finding.'
  desc 'fix', 'Set LOGIN_RETRIES in /etc/login.defs.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000107-GPOS-00001'
  tag gid: 'V-100107'
  tag rid: 'KS-100107r1_rule'
  tag stig_id: 'KSCN-01-000107'
  tag cci: ['CCI-000392']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe login_defs do
    its('LOGIN_RETRIES') { should_not be_nil }
    its('LOGIN_RETRIES') { should cmp <= 3 }
  end
end
