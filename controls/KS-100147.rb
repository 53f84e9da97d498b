control 'KS-100147' do
  title 'UID_MIN in /etc/login.defs must be set as the handbook says'
  desc 'New accounts get what stands there.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -i UID_MIN /etc/login.defs

If the line is missing or has another value, this is a finding.'
  desc 'fix', 'Set UID_MIN in /etc/login.defs.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000147-GPOS-00001'
  tag gid: 'V-100147'
  tag rid: 'KS-100147r1_rule'
  tag stig_id: 'KSCN-01-000147'
  tag cci: ['CCI-000392']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe login_defs do
    its('UID_MIN') { should_not be_nil }
    its('UID_MIN') { should cmp == 1000 }
  end
end
