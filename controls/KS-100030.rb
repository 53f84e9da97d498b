control 'KS-100030' do
  title 'Accounts must pass query 2 of the handbook'
  desc 'An account that nobody knows of is a door that nobody watches.'
  desc 'check', 'Verify it with the following command:

     $ sudo awk -F: \'$2 == "" {print $1}\' /etc/shadow

If the command prints a line, this is a finding.'
  desc 'fix', 'Correct the accounts it names.'
  impact 0.3
  tag severity: 'low'
  tag gtitle: 'SRG-OS-000030-GPOS-00001'
  tag gid: 'V-100030'
  tag rid: 'KS-100030r1_rule'
  tag stig_id: 'KSCN-01-000030'
  tag cci: ['CCI-000395']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  approved = input('approved_users')
  found = command(%q{awk -F: '$2 == "" {print $1}' /etc/shadow}).stdout.split("\n") - approved

  describe 'What the query finds' do
    subject { found }
    it { should be_empty }
  end
end
