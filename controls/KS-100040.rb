control 'KS-100040' do
  title 'The owner must have agreed to part 2 of the plan'
  desc 'Some questions no program can answer.'
  desc 'check', 'Verify it with the following command:

     $ sudo cat /etc/issue

If no owner has agreed, this is a finding.'
  desc 'fix', 'Ask the owner.'
  impact 0.3
  tag severity: 'low'
  tag gtitle: 'SRG-OS-000040-GPOS-00001'
  tag gid: 'V-100040'
  tag rid: 'KS-100040r1_rule'
  tag stig_id: 'KSCN-01-000040'
  tag cci: ['CCI-000405']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe 'This control' do
    skip 'must be reviewed by hand'
  end
end
