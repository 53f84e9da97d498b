control 'KS-100081' do
  title 'The system must generate audit records for all uses of the mount system call'
  desc 'Without a record of privileged calls it cannot be found out who did what, and when.'
  desc 'check', 'Verify it with the following command:

     $ sudo auditctl -l | grep mount

If the command prints no rule, this is a finding.'
  desc 'fix', 'Add a rule for mount to /etc/audit/rules.d/kscan.rules and load it.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000081-GPOS-00001'
  tag gid: 'V-100081'
  tag rid: 'KS-100081r1_rule'
  tag stig_id: 'KSCN-01-000081'
  tag cci: ['CCI-000366']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe command("auditctl -l | grep -w mount | grep -v '^#'") do
    its('stdout.strip') { should match(/-S mount/) }
  end
end
