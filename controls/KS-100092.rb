control 'KS-100092' do
  title '/var/tmp must be mounted with nodev and nosuid'
  desc 'What users may fill should hold neither devices nor programs of others.'
  desc 'check', 'Verify it with the following command:

     $ sudo mount | grep \' /var/tmp \'

If an option is missing, this is a finding.'
  desc 'fix', 'Add the options to the line of /var/tmp in /etc/fstab.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000092-GPOS-00001'
  tag gid: 'V-100092'
  tag rid: 'KS-100092r1_rule'
  tag stig_id: 'KSCN-01-000092'
  tag cci: ['CCI-000377']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe mount('/var/tmp') do
    it { should be_mounted }
    its('options') { should include 'nodev' }
    its('options') { should include 'nosuid' }
  end
end
