control 'KS-100142' do
  title '/etc/sudoers must belong to root and have mode 0440 or less'
  desc 'Settings are safe when only their owner can change them.'
  desc 'check', 'Verify it with the following command:

     $ sudo stat -c \'%n %a %U %G\' /etc/sudoers

If the mode is more permissive than 0440, this is a finding.'
  desc 'fix', 'Run `chown root /etc/sudoers` and `chmod 0440 /etc/sudoers`.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000142-GPOS-00001'
  tag gid: 'V-100142'
  tag rid: 'KS-100142r1_rule'
  tag stig_id: 'KSCN-01-000142'
  tag cci: ['CCI-000387']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  only_if('This requirement is Not Applicable without the file', impact: 0.0) {
    file('/etc/sudoers').exist?
  }

  describe file('/etc/sudoers') do
    it { should exist }
    its('owner') { should eq 'root' }
    its('group') { should be_in %w{root shadow} }
    it { should_not be_more_permissive_than('0440') }
  end
end
