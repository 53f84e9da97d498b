control 'KS-100055' do
  title 'The package nis must not be installed'
  desc 'What is not there cannot be attacked.'
  desc 'check', 'Verify it with the following command:

     $ sudo dpkg -l | grep nis

If the package is installed, this is a finding.'
  desc 'fix', 'Remove nis with the package manager.'
  impact 0.3
  tag severity: 'low'
  tag gtitle: 'SRG-OS-000055-GPOS-00001'
  tag gid: 'V-100055'
  tag rid: 'KS-100055r1_rule'
  tag stig_id: 'KSCN-01-000055'
  tag cci: ['CCI-000380']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe package('nis') do
    it { should_not be_installed }
  end
end
