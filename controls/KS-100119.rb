control 'KS-100119' do
  title 'The kernel must be started with spectre_v2=on'
  desc 'What is set later leaves a gap at the start.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep GRUB_CMDLINE_LINUX /etc/default/grub

If the line does not contain spectre_v2=on, this is a finding.'
  desc 'fix', 'Add spectre_v2=on to GRUB_CMDLINE_LINUX and run `update-grub`.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000119-GPOS-00001'
  tag gid: 'V-100119'
  tag rid: 'KS-100119r1_rule'
  tag stig_id: 'KSCN-01-000119'
  tag cci: ['CCI-000404']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe parse_config_file('/etc/default/grub') do
    its('GRUB_CMDLINE_LINUX') { should match(/spectre_v2=on/) }
  end

  describe command("grep '^[[:space:]]*linux' /boot/grub/grub.cfg | grep -v 'spectre_v2=on'") do
    its('stdout') { should be_empty }
  end
end
