control 'KS-100128' do
  title 'The system must generate audit records for all uses of the finit_module system call'
  desc 'Without a record of privileged calls it cannot be found out who did what, and when.'
  desc 'check', 'Verify it with the following command:

     $ sudo auditctl -l | grep finit_module

If the command prints no rule, this is a finding.'
  desc 'fix', 'Add a rule for finit_module to /etc/audit/rules.d/kscan.rules and load it.'
  impact 0.7
  tag severity: 'high'
  tag gtitle: 'SRG-OS-000128-GPOS-00001'
  tag gid: 'V-100128'
  tag rid: 'KS-100128r1_rule'
  tag stig_id: 'KSCN-01-000128'
  tag cci: ['CCI-000373']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  describe command("auditctl -l | grep -w finit_module | grep -v '^#'") do
    its('stdout.strip') { should match(/-S finit_module/) }
  end
end
