control 'KS-100077' do
  title 'The directory /usr/lib must belong to root and be closed to writing'
  desc 'Who may write to a directory may replace what lies in it.'
  desc 'check', 'Verify it with the following command:

     $ sudo stat -c \'%n %a %U\' /usr/lib

If its mode is above 755 or its owner is not root, this is a finding.'
  desc 'fix', 'Run `chmod 0755 /usr/lib` and `chown root /usr/lib`.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000077-GPOS-00001'
  tag gid: 'V-100077'
  tag rid: 'KS-100077r1_rule'
  tag stig_id: 'KSCN-01-000077'
  tag cci: ['CCI-000402']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe directory('/usr/lib') do
    it { should exist }
    it { should_not be_more_permissive_than('0755') }
    its('owner') { should eq 'root' }
  end
end
