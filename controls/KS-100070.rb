control 'KS-100070' do
  title 'Accounts must pass query 4 of the handbook'
  desc 'An account that nobody knows of is a door that nobody watches.'
  desc 'check', 'Verify it with the following command:

     $ sudo cut -d: -f1 /etc/group | sort | uniq -d

If the command prints a line, this is a finding.'
  desc 'fix', 'Correct the accounts it names.'
  impact 0.3
  tag severity: 'low'
  tag gtitle: 'SRG-OS-000070-GPOS-00001'
  tag gid: 'V-100070'
  tag rid: 'KS-100070r1_rule'
  tag stig_id: 'KSCN-01-000070'
  tag cci: ['CCI-000395']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  approved = input('approved_users')
  found = command(%q{cut -d: -f1 /etc/group | sort | uniq -d}).stdout.split("\n") - approved

  describe 'What the query finds' do
    subject { found }
    it { should be_empty }
  end
end
