control 'KS-100097' do
  title 'The directory /usr/sbin must belong to root and be closed to writing'
  desc 'Who may write to a directory may replace what lies in it.'
  desc 'check', 'Verify it with the following command:

     $ sudo stat -c \'%n %a %U\' /usr/sbin

If its mode is above 755 or its owner is not root, this is a finding.'
  desc 'fix', 'Run `chmod 0755 /usr/sbin` and `chown root /usr/sbin`.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000097-GPOS-00001'
  tag gid: 'V-100097'
  tag rid: 'KS-100097r1_rule'
  tag stig_id: 'KSCN-01-000097'
  tag cci: ['CCI-000382']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe directory('/usr/sbin') do
    it { should exist }
    it { should_not be_more_permissive_than('0755') }
    its('owner') { should eq 'root' }
  end
end
