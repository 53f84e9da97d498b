control 'KS-100018' do
  title 'The kernel parameter fs.protected_hardlinks must be 1'
  desc 'The kernel guards all programs alike; what it allows, no program can forbid.'
  desc 'check', 'Verify it with the following command:

     $ sudo sysctl fs.protected_hardlinks

If the value is not 1, this is a finding.'
  desc 'fix', 'Write `fs.protected_hardlinks = 1` to a file below /etc/sysctl.d and run `sysctl --system`.'
  impact 0.7
  tag severity: 'high'
  tag gtitle: 'SRG-OS-000018-GPOS-00001'
  tag gid: 'V-100018'
  tag rid: 'KS-100018r1_rule'
  tag stig_id: 'KSCN-01-000018'
  tag cci: ['CCI-000383']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  parameter = 'fs.protected_hardlinks'
  value = 1

  describe kernel_parameter(parameter) do
    its('value') { should eq value }
  end

  setting = command("grep -rhs '^#{parameter}' /etc/sysctl.conf /etc/sysctl.d | tail -n 1").stdout.strip

  describe 'The setting on disk' do
    it 'must agree' do
      expect(setting).to match(/=\s*#{value}$/), "#{parameter} is not set to #{value} on disk"
    end
  end
end
