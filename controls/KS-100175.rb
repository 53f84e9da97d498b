control 'KS-100175' do
  title 'The package ntp must not be installed'
  desc 'What is not there cannot be attacked.'
  desc 'check', 'Verify it with the following command:

     $ sudo dpkg -l | grep ntp

If the package is installed, this is a finding.'
  desc 'fix', 'Remove ntp with the package manager.'
  impact 0.3
  tag severity: 'low'
  tag gtitle: 'SRG-OS-000175-GPOS-00001'
  tag gid: 'V-100175'
  tag rid: 'KS-100175r1_rule'
  tag stig_id: 'KSCN-01-000175'
  tag cci: ['CCI-000380']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe package('ntp') do
    it { should_not be_installed }
  end
end
