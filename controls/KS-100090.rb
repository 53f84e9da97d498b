control 'KS-100090' do
  title 'Accounts must pass query 5 of the handbook'
  desc 'An account that nobody knows of is a door that nobody watches.'
  desc 'check', 'Verify it with the following command:

     $ sudo grep -E \'(/bin/bash|/bin/sh)$\' /etc/passwd | cut -d: -f1

If the command prints a line, this is a finding.'
  desc 'fix', 'Correct the accounts it names.'
  impact 0.3
  tag severity: 'low'
  tag gtitle: 'SRG-OS-000090-GPOS-00001'
  tag gid: 'V-100090'
  tag rid: 'KS-100090r1_rule'
  tag stig_id: 'KSCN-01-000090'
  tag cci: ['CCI-000375']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  approved = input('approved_users')
  found = command(%q{grep -E '(/bin/bash|/bin/sh)$' /etc/passwd | cut -d: -f1}).stdout.split("\n") - approved

  describe 'What the query finds' do
    subject { found }
    it { should be_empty }
  end
end
