control 'KS-100132' do
  title '/boot must be mounted with nodev and nosuid'
  desc 'What users may fill should hold neither devices nor programs of others.'
  desc 'check', 'Verify it with the following command:

     $ sudo mount | grep \' /boot \'

If an option is missing, this is a finding.'
  desc 'fix', 'Add the options to the line of /boot in /etc/fstab.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000132-GPOS-00001'
  tag gid: 'V-100132'
  tag rid: 'KS-100132r1_rule'
  tag stig_id: 'KSCN-01-000132'
  tag cci: ['CCI-000377']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe mount('/boot') do
    it { should be_mounted }
    its('options') { should include 'nodev' }
    its('options') { should include 'nosuid' }
  end
end
