control 'KS-100155' do
  title 'The package prelink must not be installed'
  desc 'What is not there cannot be attacked.'
  desc 'check', 'Verify it with the following command:

     $ sudo dpkg -l | grep prelink

If the package is installed, this is a finding.'
  desc 'fix', 'Remove prelink with the package manager.'
  impact 0.3
  tag severity: 'low'
  tag gtitle: 'SRG-OS-000155-GPOS-00001'
  tag gid: 'V-100155'
  tag rid: 'KS-100155r1_rule'
  tag stig_id: 'KSCN-01-000155'
  tag cci: ['CCI-000400']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe package('prelink') do
    it { should_not be_installed }
  end
end
