control 'KS-100062' do
  title '/etc/gshadow must belong to root and have mode 0640 or less'
  desc 'Settings are safe when only their owner can change them.'
  desc 'check', 'Verify it with the following command:

     $ sudo stat -c \'%n %a %U %G\' /etc/gshadow

If the mode is more permissive than 0640, this is a finding.'
  desc 'fix', 'Run `chown root /etc/gshadow` and `chmod 0640 /etc/gshadow`.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000062-GPOS-00001'
  tag gid: 'V-100062'
  tag rid: 'KS-100062r1_rule'
  tag stig_id: 'KSCN-01-000062'
  tag cci: ['CCI-000387']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  only_if('This requirement is Not Applicable without the file', impact: 0.0) {
    file('/etc/gshadow').exist?
  }

  describe file('/etc/gshadow') do
    it { should exist }
    its('owner') { should eq 'root' }
    its('group') { should be_in %w{root shadow} }
    it { should_not be_more_permissive_than('0640') }
  end
end
