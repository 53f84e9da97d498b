control 'KS-100166' do
  title 'The service systemd-journald must be enabled and running'
  desc 'A guard that does not run guards nothing.'
  desc 'check', 'Verify it with the following command:

     $ sudo systemctl is-enabled systemd-journald.service

If the service is not enabled, this is a finding.'
  desc 'fix', 'Run `systemctl enable --now systemd-journald.service`.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000166-GPOS-00001'
  tag gid: 'V-100166'
  tag rid: 'KS-100166r1_rule'
  tag stig_id: 'KSCN-01-000166'
  tag cci: ['CCI-000371']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe service('systemd-journald') do
    it { should be_installed }
    it { should be_enabled }
    it { should be_running }
  end
end
