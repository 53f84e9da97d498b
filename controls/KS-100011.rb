control 'KS-100011' do
  title 'The kernel module usb-storage must not be loadable'
  desc 'Code that nobody uses is code that nobody watches.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -r usb-storage /etc/modprobe.d

If it is neither blacklisted nor installed as /bin/false, this is a finding.'
  desc 'fix', 'Write `install usb-storage /bin/false` to a file below /etc/modprobe.d.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000011-GPOS-00001'
  tag gid: 'V-100011'
  tag rid: 'KS-100011r1_rule'
  tag stig_id: 'KSCN-01-000011'
  tag cci: ['CCI-000376']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe kernel_module('usb-storage') do
    it { should_not be_loaded }
    it { should be_disabled }
  end
end
