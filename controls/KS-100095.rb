control 'KS-100095' do
  title 'The package xinetd must not be installed'
  desc 'What is not there cannot be attacked.'
  desc 'check', 'Verify it with the following command:

     $ sudo dpkg -l | grep xinetd

If the package is installed, this is a finding.'
  desc 'fix', 'Remove xinetd with the package manager.'
  impact 0.3
  tag severity: 'low'
  tag gtitle: 'SRG-OS-000095-GPOS-00001'
  tag gid: 'V-100095'
  tag rid: 'KS-100095r1_rule'
  tag stig_id: 'KSCN-01-000095'
  tag cci: ['CCI-000380']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe package('xinetd') do
    it { should_not be_installed }
  end
end
