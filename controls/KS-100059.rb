control 'KS-100059' do
  title 'The kernel must be started with slab_nomerge'
  desc 'What is set later leaves a gap at the start.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep GRUB_CMDLINE_LINUX /etc/default/grub

If the line does not contain slab_nomerge, this is a finding.'
  desc 'fix', 'Add slab_nomerge to GRUB_CMDLINE_LINUX and run `update-grub`.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000059-GPOS-00001'
  tag gid: 'V-100059'
  tag rid: 'KS-100059r1_rule'
  tag stig_id: 'KSCN-01-000059'
  tag cci: ['CCI-000384']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe parse_config_file('/etc/default/grub') do
    its('GRUB_CMDLINE_LINUX') { should match(/slab_nomerge/) }
  end

  describe command("grep '^[[:space:]]*linux' /boot/grub/grub.cfg | grep -v 'slab_nomerge'") do
    its('stdout') { should be_empty }
  end
end
