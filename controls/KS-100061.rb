control 'KS-100061' do
  title 'The system must generate audit records for all uses of the rename system call'
  desc 'Without a record of privileged calls it cannot be found out who did what, and when.'
  desc 'check', 'Verify it with the following command:

     $ sudo auditctl -l | grep rename

If the command prints no rule, this is a finding.'
  desc 'fix', 'Add a rule for rename to /etc/audit/rules.d/kscan.rules and load it.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000061-GPOS-00001'
  tag gid: 'V-100061'
  tag rid: 'KS-100061r1_rule'
  tag stig_id: 'KSCN-01-000061'
  tag cci: ['CCI-000386']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe command("auditctl -l | grep -w rename | grep -v '^#'") do
    its('stdout.strip') { should match(/-S rename/) }
  end
end
