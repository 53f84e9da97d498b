control 'KS-100027' do
  title 'PASS_MIN_DAYS in /etc/login.defs must be set as the handbook says'
  desc 'New accounts get what stands there.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -i PASS_MIN_DAYS /etc/login.defs

If the line is missing or has another value, this is a finding.'
  desc 'fix', 'Set PASS_MIN_DAYS in /etc/login.defs.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000027-GPOS-00001'
  tag gid: 'V-100027'
  tag rid: 'KS-100027r1_rule'
  tag stig_id: 'KSCN-01-000027'
  tag cci: ['CCI-000392']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe login_defs do
    its('PASS_MIN_DAYS') { should_not be_nil }
    its('PASS_MIN_DAYS') { should cmp >= input('pass_min_days') }
  end
end
