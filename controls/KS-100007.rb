control 'KS-100007' do
  title 'PASS_MAX_DAYS in /etc/login.defs must be set as the handbook says'
  desc 'New accounts get what stands there.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -i PASS_MAX_DAYS /etc/login.defs

If the line is missing or has another value, this is a finding.'
  desc 'fix', 'Set PASS_MAX_DAYS in /etc/login.defs.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000007-GPOS-00001'
  tag gid: 'V-100007'
  tag rid: 'KS-100007r1_rule'
  tag stig_id: 'KSCN-01-000007'
  tag cci: ['CCI-000372']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe login_defs do
    its('PASS_MAX_DAYS') { should_not be_nil }
    its('PASS_MAX_DAYS') { should cmp <= 60 }
  end
end
