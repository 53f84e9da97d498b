control 'KS-100067' do
  title 'ENCRYPT_METHOD in /etc/login.defs must be set as the handbook says'
  desc 'New accounts get what stands there.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -i ENCRYPT_METHOD /etc/login.defs

If the line is missing or has another value, this is a finding.'
  desc 'fix', 'Set ENCRYPT_METHOD in /etc/login.defs.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000067-GPOS-00001'
  tag gid: 'V-100067'
  tag rid: 'KS-100067r1_rule'
  tag stig_id: 'KSCN-01-000067'
  tag cci: ['CCI-000392']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe login_defs do
    its('ENCRYPT_METHOD') { should_not be_nil }
    its('ENCRYPT_METHOD') { should cmp == 'SHA512' }
  end
end
