control 'KS-100008' do
  title 'The system must generate audit records for all uses of the delete_module system call'
  desc 'Without a record of privileged calls it cannot be found out who did what, and when.'
  desc 'check', 'Verify it with the following command:

     $ sudo auditctl -l | grep delete_module

If the command prints no rule, this is a finding.'
  desc 'fix', 'Add a rule for delete_module to /etc/audit/rules.d/kscan.rules and load it.'
  impact 0.7
  tag severity: 'high'
  tag gtitle: 'SRG-OS-000008-GPOS-00001'
  tag gid: 'V-100008'
  tag rid: 'KS-100008r1_rule'
  tag stig_id: 'KSCN-01-000008'
  tag cci: ['CCI-000373']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe command("auditctl -l | grep -w delete_module | grep -v '^#'") do
    its('stdout.strip') { should match(/-S delete_module/) }
  end
end
