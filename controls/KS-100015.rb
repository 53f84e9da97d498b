control 'KS-100015' do
  title 'The package telnetd must not be installed'
  desc 'What is not there cannot be attacked.'
  desc 'check', 'Verify it with the following command:

     $ sudo dpkg -l | grep telnetd

If the package is installed, this is a finding.'
  desc 'fix', 'Remove telnetd with the package manager.'
  impact 0.3
  tag severity: 'low'
  tag gtitle: 'SRG-OS-000015-GPOS-00001'
  tag gid: 'V-100015'
  tag rid: 'KS-100015r1_rule'
  tag stig_id: 'KSCN-01-000015'
  tag cci: ['CCI-000380']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe package('telnetd') do
    it { should_not be_installed }
  end
end
