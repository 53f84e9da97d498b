control 'KS-100039' do
  title 'The kernel must be started with init_on_free=1'
  desc 'What is set later leaves a gap at the start.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep GRUB_CMDLINE_LINUX /etc/default/grub

If the line does not contain init_on_free=1, this is a finding.'
  desc 'fix', 'Add init_on_free=1 to GRUB_CMDLINE_LINUX and run `update-grub`.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000039-GPOS-00001'
  tag gid: 'V-100039'
  tag rid: 'KS-100039r1_rule'
  tag stig_id: 'KSCN-01-000039'
  tag cci: ['CCI-000404']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe parse_config_file('/etc/default/grub') do
    its('GRUB_CMDLINE_LINUX') { should match(/init_on_free=1/) }
  end

  describe command("grep '^[[:space:]]*linux' /boot/grub/grub.cfg | grep -v 'init_on_free=1'") do
    its('stdout') { should be_empty }
  end
end
