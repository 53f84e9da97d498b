control 'KS-100110' do
  title 'Accounts must pass query 6 of the handbook'
  desc 'An account that nobody knows of is a door that nobody watches.'
  desc 'check', 'Verify it with the following command:

     $ sudo awk -F: \'$4 < 1 {print $1 " " $4}\' /etc/shadow | head -n 5

If the command prints a line, this is a finding.'
  desc 'fix', 'Correct the accounts it names.'
  impact 0.3
  tag severity: 'low'
  tag gtitle: 'SRG-OS-000110-GPOS-00001'
  tag gid: 'V-100110'
  tag rid: 'KS-100110r1_rule'
  tag stig_id: 'KSCN-01-000110'
  tag cci: ['CCI-000395']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  approved = input('approved_users')
  found = command(%q{awk -F: '$4 < 1 {print $1 " " $4}' /etc/shadow | head -n 5}).stdout.split("\n") - approved

  describe 'What the query finds' do
    subject { found }
    it { should be_empty }
  end
end
