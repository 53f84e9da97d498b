control 'KS-100047' do
  title 'PASS_WARN_AGE in /etc/login.defs must be set as the handbook says'
  desc 'New accounts get what stands there.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -i PASS_WARN_AGE /etc/login.defs

If the line is missing or has another value, this is a finding.'
  desc 'fix', 'Set PASS_WARN_AGE in /etc/login.defs.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000047-GPOS-00001'
  tag gid: 'V-100047'
  tag rid: 'KS-100047r1_rule'
  tag stig_id: 'KSCN-01-000047'
  tag cci: ['CCI-000372']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe login_defs do
    its('PASS_WARN_AGE') { should_not be_nil }
    its('PASS_WARN_AGE') { should cmp >= 7 }
  end
end
