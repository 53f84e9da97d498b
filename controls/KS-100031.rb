control 'KS-100031' do
  title 'The kernel module cramfs must not be loadable'
  desc 'Code that nobody uses is code that nobody watches.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -r cramfs /etc/modprobe.d

If it is neither blacklisted nor installed as /bin/false, this is a finding.'
  desc 'fix', 'Write `install cramfs /bin/false` to a file below /etc/modprobe.d.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000031-GPOS-00001'
  tag gid: 'V-100031'
  tag rid: 'KS-100031r1_rule'
  tag stig_id: 'KSCN-01-000031'
  tag cci: ['CCI-000396']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe kernel_module('cramfs') do
    it { should_not be_loaded }
    it { should be_disabled }
  end
end
