control 'KS-100068' do
  title 'The system must generate audit records for all uses of the fchmodat system call'
  desc 'Without a record of privileged calls it cannot be found out who did what, and when.'
  desc 'check', 'Verify it with the following command:

     $ sudo auditctl -l | grep fchmodat

If the command prints no rule, this is a finding.'
  desc 'fix', 'Add a rule for fchmodat to /etc/audit/rules.d/kscan.rules and load it.'
  impact 0.7
  tag severity: 'high'
  tag gtitle: 'SRG-OS-000068-GPOS-00001'
  tag gid: 'V-100068'
  tag rid: 'KS-100068r1_rule'
  tag stig_id: 'KSCN-01-000068'
  tag cci: ['CCI-000393']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe command("auditctl -l | grep -w fchmodat | grep -v '^#'") do
    its('stdout.strip') { should match(/-S fchmodat/) }
  end
end
