control 'KS-100023' do
  title 'The kernel parameter kernel.dmesg_restrict must be 1'
  desc 'The kernel guards all programs alike; what it allows, no program can forbid.'
  desc 'check', 'Verify it with the following command:

     $ sudo sysctl kernel.dmesg_restrict

If the value is not 1, this is a finding.'
  desc 'fix', 'Write `kernel.dmesg_restrict = 1` to a file below /etc/sysctl.d and run `sysctl --system`.'
  impact 0.7
  tag severity: 'high'
  tag gtitle: 'SRG-OS-000023-GPOS-00001'
  tag gid: 'V-100023'
  tag rid: 'KS-100023r1_rule'
  tag stig_id: 'KSCN-01-000023'
  tag cci: ['CCI-000388']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  parameter = 'kernel.dmesg_restrict'
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
