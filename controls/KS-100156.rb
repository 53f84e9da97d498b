control 'KS-100156' do
  title 'The service usbguard must be enabled and running'
  desc 'A guard that does not run guards nothing.'
  desc 'check', 'Verify it with the following command:

     $ sudo systemctl is-enabled usbguard.service

If the service is not enabled, this is a finding.'
  desc 'fix', 'Run `systemctl enable --now usbguard.service`.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000156-GPOS-00001'
  tag gid: 'V-100156'
  tag rid: 'KS-100156r1_rule'
  tag stig_id: 'KSCN-01-000156'
  tag cci: ['CCI-000401']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe service('usbguard') do
    it { should be_installed }
    it { should be_enabled }
    it { should be_running }
  end
end
