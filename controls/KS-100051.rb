control 'KS-100051' do
  title 'The kernel module freevxfs must not be loadable'
  desc 'Code that nobody uses is code that nobody watches.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -r freevxfs /etc/modprobe.d

If it is neither blacklisted nor installed as /bin/false, this is a finding.'
  desc 'fix', 'Write `install freevxfs /bin/false` to a file below /etc/modprobe.d.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000051-GPOS-00001'
  tag gid: 'V-100051'
  tag rid: 'KS-100051r1_rule'
  tag stig_id: 'KSCN-01-000051'
  tag cci: ['CCI-000376']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe kernel_module('freevxfs') do
    it { should_not be_loaded }
    it { should be_disabled }
  end
end
