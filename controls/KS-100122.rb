control 'KS-100122' do
  title '/etc/ssh/sshd_config must belong to root and have mode 0600 or less'
  desc 'Settings are safe when only their owner can change them.'
  desc 'check', 'Verify it with the following command:

     $ sudo stat -c \'%n %a %U %G\' /etc/ssh/sshd_config

If the mode is more permissive than 0600, this is a finding.'
  desc 'fix', 'Run `chown root /etc/ssh/sshd_config` and `chmod 0600 /etc/ssh/sshd_config`.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000122-GPOS-00001'
  tag gid: 'V-100122'
  tag rid: 'KS-100122r1_rule'
  tag stig_id: 'KSCN-01-000122'
  tag cci: ['CCI-000367']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  only_if('This requirement is Not Applicable without the file', impact: 0.0) {
    file('/etc/ssh/sshd_config').exist?
  }

  describe file('/etc/ssh/sshd_config') do
    it { should exist }
    its('owner') { should eq 'root' }
    its('group') { should be_in %w{root shadow} }
    it { should_not be_more_permissive_than('0600') }
  end
end
