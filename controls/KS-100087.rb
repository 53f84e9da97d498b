control 'KS-100087' do
  title 'UMASK in /etc/login.defs must be set as the handbook says'
  desc 'New accounts get what stands there.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -i UMASK /etc/login.defs

If the line is missing or has another value, this is a finding.'
  desc 'fix', 'Set UMASK in /etc/login.defs.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000087-GPOS-00001'
  tag gid: 'V-100087'
  tag rid: 'KS-100087r1_rule'
  tag stig_id: 'KSCN-01-000087'
  tag cci: ['CCI-000372']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe login_defs do
    its('UMASK') { should_not be_nil }
    its('UMASK') { should cmp == '077' }
  end
end
