control 'KS-100036' do
  title 'The service pcscd must be enabled and running'
  desc 'A guard that does not run guards nothing.'
  desc 'check', 'Verify it with the following command:

     $ sudo systemctl is-enabled pcscd.service

If the service is not enabled, this is a finding.'
  desc 'fix', 'Run `systemctl enable --now pcscd.service`.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000036-GPOS-00001'
  tag gid: 'V-100036'
  tag rid: 'KS-100036r1_rule'
  tag stig_id: 'KSCN-01-000036'
  tag cci: ['CCI-000401']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe service('pcscd') do
    it { should be_installed }
    it { should be_enabled }
    it { should be_running }
  end
end
