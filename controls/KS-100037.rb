control 'KS-100037' do
  title 'The directory /etc must belong to root and be closed to writing'
  desc 'Who may write to a directory may replace what lies in it.'
  desc 'check', 'Verify it with the following command:

     $ sudo stat -c \'%n %a %U\' /etc

If its mode is above 755 or its owner is not root, this is a finding.'
  desc 'fix', 'Run `chmod 0755 /etc` and `chown root /etc`.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000037-GPOS-00001'
  tag gid: 'V-100037'
  tag rid: 'KS-100037r1_rule'
  tag stig_id: 'KSCN-01-000037'
  tag cci: ['CCI-000402']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe directory('/etc') do
    it { should exist }
    it { should_not be_more_permissive_than('0755') }
    its('owner') { should eq 'root' }
  end
end
