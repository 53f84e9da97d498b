control 'KS-100098' do
  title 'The kernel parameter net.ipv4.conf.all.log_martians must be 1'
  desc 'The kernel guards all programs alike; what it allows, no program can forbid.'
  desc 'check', 'Verify it with the following command:

     $ sudo sysctl net.ipv4.conf.all.log_martians

If the value is not 1, this is a finding.'
  desc 'fix', 'Write `net.ipv4.conf.all.log_martians = 1` to a file below /etc/sysctl.d and run `sysctl --system`.'
  impact 0.7
  tag severity: 'high'
  tag gtitle: 'SRG-OS-000098-GPOS-00001'
  tag gid: 'V-100098'
  tag rid: 'KS-100098r1_rule'
  tag stig_id: 'KSCN-01-000098'
  tag cci: ['CCI-000383']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  parameter = 'net.ipv4.conf.all.log_martians'
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
