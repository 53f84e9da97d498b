control 'KS-100035' do
  title 'The package rsh-server must not be installed'
  desc 'What is not there cannot be attacked.'
  desc 'check', 'Verify it with the following command:

     $ sudo dpkg -l | grep rsh-server

If the package is installed, this is a finding.'
  desc 'fix', 'Remove rsh-server with the package manager.'
  impact 0.3
  tag severity: 'low'
  tag gtitle: 'SRG-OS-000035-GPOS-00001'
  tag gid: 'V-100035'
  tag rid: 'KS-100035r1_rule'
  tag stig_id: 'KSCN-01-000035'
  tag cci: ['CCI-000400']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe package('rsh-server') do
    it { should_not be_installed }
  end
end
