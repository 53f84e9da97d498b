control 'KS-100006' do
  title 'The service auditd must be enabled and running'
  desc 'A guard that does not run guards nothing.'
  desc 'check', 'Verify it with the following command:

     $ sudo systemctl is-enabled auditd.service

If the service is not enabled, this is a finding.'
  desc 'fix', 'Run `systemctl enable --now auditd.service`.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000006-GPOS-00001'
  tag gid: 'V-100006'
  tag rid: 'KS-100006r1_rule'
  tag stig_id: 'KSCN-01-000006'
  tag cci: ['CCI-000371']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe service('auditd') do
    it { should be_installed }
    it { should be_enabled }
    it { should be_running }
  end
end
