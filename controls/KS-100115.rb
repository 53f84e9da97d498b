control 'KS-100115' do
  title 'The package snmpd must not be installed'
  desc 'What is not there cannot be attacked.'
  desc 'check', 'Verify it with the following command:

     $ sudo dpkg -l | grep snmpd

If the package is installed, this is a finding.'
  desc 'fix', 'Remove snmpd with the package manager.'
  impact 0.3
  tag severity: 'low'
  tag gtitle: 'SRG-OS-000115-GPOS-00001'
  tag gid: 'V-100115'
  tag rid: 'KS-100115r1_rule'
  tag stig_id: 'KSCN-01-000115'
  tag cci: ['CCI-000400']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe package('snmpd') do
    it { should_not be_installed }
  end
end
