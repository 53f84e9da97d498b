control 'KS-100075' do
  title 'The package tftpd-hpa must not be installed'
  desc 'What is not there cannot be attacked.'
  desc 'check', 'Verify it with the following command:

     $ sudo dpkg -l | grep tftpd-hpa

If the package is installed, this is a finding.'
  desc 'fix', 'Remove tftpd-hpa with the package manager.'
  impact 0.3
  tag severity: 'low'
  tag gtitle: 'SRG-OS-000075-GPOS-00001'
  tag gid: 'V-100075'
  tag rid: 'KS-100075r1_rule'
  tag stig_id: 'KSCN-01-000075'
  tag cci: ['CCI-000400']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe package('tftpd-hpa') do
    it { should_not be_installed }
  end
end
