control 'KS-100102' do
  title '/etc/hosts must belong to root and have mode 0644 or less'
  desc 'Settings are safe when only their owner can change them.'
  desc 'check', 'Verify it with the following command:

     $ sudo stat -c \'%n %a %U %G\' /etc/hosts

If the mode is more permissive than 0644, this is a finding.'
  desc 'fix', 'Run `chown root /etc/hosts` and `chmod 0644 /etc/hosts`.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000102-GPOS-00001'
  tag gid: 'V-100102'
  tag rid: 'KS-100102r1_rule'
  tag stig_id: 'KSCN-01-000102'
  tag cci: ['CCI-000387']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  only_if('This requirement is Not Applicable without the file', impact: 0.0) {
    file('/etc/hosts').exist?
  }

  describe file('/etc/hosts') do
    it { should exist }
    its('owner') { should eq 'root' }
    its('group') { should be_in %w{root shadow} }
    it { should_not be_more_permissive_than('0644') }
  end
end
