control 'KS-100069' do
  title 'The kernel must be started with slub_debug=P'
  desc 'What is set later leaves a gap at the start.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep GRUB_CMDLINE_LINUX /etc/default/grub

If the line does not contain slub_debug=P, this is a finding.'
  desc 'fix', 'Add slub_debug=P to GRUB_CMDLINE_LINUX and run `update-grub`.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000069-GPOS-00001'
  tag gid: 'V-100069'
  tag rid: 'KS-100069r1_rule'
  tag stig_id: 'KSCN-01-000069'
  tag cci: ['CCI-000394']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe parse_config_file('/etc/default/grub') do
    its('GRUB_CMDLINE_LINUX') { should match(/slub_debug=P/) }
  end

  describe command("grep '^[[:space:]]*linux' /boot/grub/grub.cfg | grep -v 'slub_debug=P'") do
    its('stdout') { should be_empty }
  end
end
