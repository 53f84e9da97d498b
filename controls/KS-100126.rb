control 'KS-100126' do
  title 'The service ssh must be enabled and running'
  desc 'A guard that does not run guards nothing.'
  desc 'check', 'Verify it with the following command:

     $ sudo systemctl is-enabled ssh.service

If the service is not enabled, this is a finding.'
  desc 'fix', 'Run `systemctl enable --now ssh.service`.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000126-GPOS-00001'
  tag gid: 'V-100126'
  tag rid: 'KS-100126r1_rule'
  tag stig_id: 'KSCN-01-000126'
  tag cci: ['CCI-000371']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe service('ssh') do
    it { should be_installed }
    it { should be_enabled }
    it { should be_running }
  end
end
