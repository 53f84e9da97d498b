control 'KS-100001' do
  title 'The system must generate audit records for all uses of the execve system call'
  desc 'Without a record of privileged calls it cannot be found out who did what, and when.'
  desc 'check', 'Verify it with the following command:

     $ sudo auditctl -l | grep execve

If the command prints no rule, this is a finding.'
  desc 'fix', 'Add a rule for execve to /etc/audit/rules.d/kscan.rules and load it.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000001-GPOS-00001'
  tag gid: 'V-100001'
  tag rid: 'KS-100001r1_rule'
  tag stig_id: 'KSCN-01-000001'
  tag cci: ['CCI-000366']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe command("auditctl -l | grep -w execve | grep -v '^#'") do
    its('stdout.strip') { should match(/-S execve/) }
  end
end
