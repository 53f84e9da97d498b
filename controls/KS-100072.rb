control 'KS-100072' do
  title '/home must be mounted with nodev and nosuid'
  desc 'What users may fill should hold neither devices nor programs of others.'
  desc 'check', 'Verify it with the following command:

     $ sudo mount | grep \' /home \'

If an option is missing, this is a finding.'
  desc 'fix', 'Add the options to the line of /home in /etc/fstab.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000072-GPOS-00001'
  tag gid: 'V-100072'
  tag rid: 'KS-100072r1_rule'
  tag stig_id: 'KSCN-01-000072'
  tag cci: ['CCI-000397']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe mount('/home') do
    it { should be_mounted }
    its('options') { should include 'nodev' }
    its('options') { should include 'nosuid' }
  end
end
