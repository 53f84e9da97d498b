control 'KS-100164' do
  title 'The system must record every start of /usr/bin/chage'
  desc 'Programs that change rights are the way by which rights are gained.'
  desc 'check', 'Verify it with the following command:

     $ sudo auditctl -l | grep /usr/bin/chage

If the command prints no rule, this is a finding.'
  desc 'fix', 'Add `-a always,exit -F path=/usr/bin/chage -F perm=x` to the audit rules.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000164-GPOS-00001'
  tag gid: 'V-100164'
  tag rid: 'KS-100164r1_rule'
  tag stig_id: 'KSCN-01-000164'
  tag cci: ['CCI-000369']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  audit_command = '/usr/bin/chage'

  describe auditd.file(audit_command) do
    its('permissions') { should_not cmp [] }
    its('action') { should_not include 'never' }
  end
end
