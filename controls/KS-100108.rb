control 'KS-100108' do
  title 'The system must generate audit records for all uses of the umount2 system call'
  desc 'Without a record of privileged calls it cannot be found out who did what, and when.'
  desc 'check', 'Verify it with the following command:

     $ sudo auditctl -l | grep umount2

If the command prints no rule, this is a finding.'
  desc 'fix', 'Add a rule for umount2 to /etc/audit/rules.d/kscan.rules and load it.'
  impact 0.7
  tag severity: 'high'
  tag gtitle: 'SRG-OS-000108-GPOS-00001'
  tag gid: 'V-100108'
  tag rid: 'KS-100108r1_rule'
  tag stig_id: 'KSCN-01-000108'
  tag cci: ['CCI-000393']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe command("auditctl -l | grep -w umount2 | grep -v '^#'") do
    its('stdout.strip') { should match(/-S umount2/) }
  end
end
