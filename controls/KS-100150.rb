control 'KS-100150' do
  title 'Accounts must pass query 8 of the handbook'
  desc 'An account that nobody knows of is a door that nobody watches.'
  desc 'check', 'Verify it with the following command:

     $ sudo for home in $(cut -d: -f6 /etc/passwd | sort -u); do [ -d "$home" ] || echo "$home"; done

If the command prints a line, this is a finding.'
  desc 'fix', 'Correct the accounts it names.'
  impact 0.3
  tag severity: 'low'
  tag gtitle: 'SRG-OS-000150-GPOS-00001'
  tag gid: 'V-100150'
  tag rid: 'KS-100150r1_rule'
  tag stig_id: 'KSCN-01-000150'
  tag cci: ['CCI-000395']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  approved = input('approved_users')
  found = command(%q{for home in $(cut -d: -f6 /etc/passwd | sort -u); do [ -d "$home" ] || echo "$home"; done}).stdout.split("\n") - approved

  describe 'What the query finds' do
    subject { found }
    it { should be_empty }
  end
end
