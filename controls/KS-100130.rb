control 'KS-100130' do
  title 'Accounts must pass query 7 of the handbook'
  desc 'An account that nobody knows of is a door that nobody watches.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -c \'^+\' /etc/passwd | grep -v \'^0$\'

If the command prints a line, this is a finding.'
  desc 'fix', 'Correct the accounts it names.'
  impact 0.3
  tag severity: 'low'
  tag gtitle: 'SRG-OS-000130-GPOS-00001'
  tag gid: 'V-100130'
  tag rid: 'KS-100130r1_rule'
  tag stig_id: 'KSCN-01-000130'
  tag cci: ['CCI-000375']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  approved = input('approved_users')
  found = command(%q{grep -c '^+' /etc/passwd | grep -v '^0$'}).stdout.split("\n") - approved

  describe 'What the query finds' do
    subject { found }
    it { should be_empty }
  end
end
