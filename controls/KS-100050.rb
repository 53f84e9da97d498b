control 'KS-100050' do
  title 'Accounts must pass query 3 of the handbook'
  desc 'An account that nobody knows of is a door that nobody watches.'
  desc 'check', 'Verify it with the following command:

     $ sudo cut -d: -f3 /etc/passwd | sort | uniq -d

If the command prints a line, this is a finding.'
  desc 'fix', 'Correct the accounts it names.'
  impact 0.3
  tag severity: 'low'
  tag gtitle: 'SRG-OS-000050-GPOS-00001'
  tag gid: 'V-100050'
  tag rid: 'KS-100050r1_rule'
  tag stig_id: 'KSCN-01-000050'
  tag cci: ['CCI-000375']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  approved = input('approved_users')
  found = command(%q{cut -d: -f3 /etc/passwd | sort | uniq -d}).stdout.split("\n") - approved

  describe 'What the query finds' do
    subject { found }
    it { should be_empty }
  end
end
