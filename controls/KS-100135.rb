control 'KS-100135' do
  title 'The package vsftpd must not be installed'
  desc 'What is not there cannot be attacked.'
  desc 'check', 'Verify it with the following command:

     $ sudo dpkg -l | grep vsftpd

If the package is installed, this is a finding.'
  desc 'fix', 'Remove vsftpd with the package manager.'
  impact 0.3
  tag severity: 'low'
  tag gtitle: 'SRG-OS-000135-GPOS-00001'
  tag gid: 'V-100135'
  tag rid: 'KS-100135r1_rule'
  tag stig_id: 'KSCN-01-000135'
  tag cci: ['CCI-000380']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe package('vsftpd') do
    it { should_not be_installed }
  end
end
