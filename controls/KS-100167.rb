control 'KS-100167' do
  title 'GID_MIN in /etc/login.defs must be set as the handbook says'
  desc 'New accounts get what stands there.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -i GID_MIN /etc/login.defs

If the line is missing or has another value, this is a finding.'
  desc 'fix', 'Set GID_MIN in /etc/login.defs.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000167-GPOS-00001'
  tag gid: 'V-100167'
  tag rid: 'KS-100167r1_rule'
  tag stig_id: 'KSCN-01-000167'
  tag cci: ['CCI-000372']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe login_defs do
    its('GID_MIN') { should_not be_nil }
    its('GID_MIN') { should cmp == 1000 }
  end
end
