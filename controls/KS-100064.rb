control 'KS-100064' do
  title 'The system must record every start of /usr/bin/mount'
  desc 'Programs that change rights are the way by which rights are gained.'
  desc 'check', 'Verify it with the following command:

     $ sudo auditctl -l | grep /usr/bin/mount

If the command prints no rule, this is a finding.'
  desc 'fix', 'Add `-a always,exit -F path=/usr/bin/mount -F perm=x` to the audit rules.'
  impact 0.5
  tag severity: 'medium'
  tag gtitle: 'SRG-OS-000064-GPOS-00001'
  tag gid: 'V-100064'
  tag rid: 'KS-100064r1_rule'
  tag stig_id: 'KSCN-01-000064'
  tag cci: ['CCI-000389']
  tag nist: ['CM-6 b']
  tag 'host'

  only_if('This control is Not Applicable to containers', impact: 0.0) {
    !virtualization.system.eql?('docker')
  }

  audit_command = '/usr/bin/mount'

  describe auditd.file(audit_command) do
    its('permissions') { should_not cmp [] }
    its('action') { should_not include 'never' }
  end
end
