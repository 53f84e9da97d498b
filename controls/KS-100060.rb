control 'KS-100060' do
  title 'The owner must have agreed to part 3 of the plan'
  desc 'Some questions no program can answer.'
  desc 'check', 'Verify it with the following command:

     $ sudo cat /etc/issue

If no owner has agreed, this is a finding.'
  desc 'fix', 'Ask the owner.'
  impact 0.3
  tag severity: 'low'
  tag gtitle: 'SRG-OS-000060-GPOS-00001'
  tag gid: 'V-100060'
  tag rid: 'KS-100060r1_rule'
  tag stig_id: 'KSCN-01-000060'
  tag cci: ['CCI-000385']
  tag nist: ['CM-6 b']
  tag 'host'
  tag 'container'

  describe 'This control' do
    skip 'must be reviewed by hand'
  end
end
