control 'KS-100159' do
  title 'The kernel must be started with random.trust_cpu=off'
  desc 'What is set later leaves a gap at the start.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep GRUB_CMDLINE_LINUX /etc/default/grub

If the line does not contain random.trust_cpu=off, this is a finding.'
  desc 'fix', 'Add random.trust_cpu=off to GRUB_CMDLINE_LINUX and run `update-grub`.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000159-GPOS-00001'
  tag gid: 'V-100159'
  tag rid: 'KS-100159r1_rule'
  tag stig_id: 'KSCN-01-000159'
  tag cci: ['CCI-000404']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe parse_config_file('/etc/default/grub') do
    its('GRUB_CMDLINE_LINUX') { should match(/random\.trust_cpu=off/) }
  end

  describe command("grep '^[[:space:]]*linux' /boot/grub/grub.cfg | grep -v 'random.trust_cpu=off'") do
    its('stdout') { should be_empty }
  end
end
