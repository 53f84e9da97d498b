control 'KS-100042' do
  title '/etc/shadow must belong to root and have mode 0640 or less'
  desc 'Settings are safe when only their owner can change them.'
  desc 'check', 'Verify it with the following command:

     $ sudo stat -c \'%n %a %U %G\' /etc/shadow

If the mode is more permissive than 0640, this is a finding.'
  desc 'fix', 'Run `chown root /etc/shadow` and `chmod 0640 /etc/shadow`.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000042-GPOS-00001'
  tag gid: 'V-100042'
  tag rid: 'KS-100042r1_rule'
  tag stig_id: 'KSCN-01-000042'
  tag cci: ['CCI-000367']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  only_if('This requirement is Not Applicable without the file', impact: 0.0) {
    file('/etc/shadow').exist?
  }

  describe file('/etc/shadow') do
    it { should exist }
    its('owner') { should eq 'root' }
    its('group') { should be_in %w{root shadow} }
    it { should_not be_more_permissive_than('0640') }
  end
end
