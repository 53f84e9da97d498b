control 'accounts-1' do
  impact 0.7
  title 'Only root has the user id 0'
  desc 'check', 'Read /etc/passwd.'
  desc 'fix', 'Give every other account an id of its own.'
  describe passwd.uids(0) do
    its('users') { should cmp 'root' }
  end
end

control 'accounts-2' do
  impact 0.5
  title 'The password file cannot be written by others'
  describe file('/etc/passwd') do
    it { should exist }
    it { should_not be_writable.by('others') }
  end
end

control 'files-1' do
  impact 0.7
  title 'No configuration file can be written by everyone'
  desc 'fix', 'Take the write permission of others away: chmod o-w FILE.'
  describe command("find /etc -xdev -type f -perm -0002") do
    its('stdout') { should eq '' }
    its('exit_status') { should eq 0 }
  end
end

control 'files-2' do
  impact 0.3
  title 'The folder for temporary files is sticky'
  only_if('there is no /tmp') { directory('/tmp').exist? }
  describe directory('/tmp') do
    it { should be_sticky }
  end
end

control 'processes-1' do
  impact 0.5
  title 'No secure shell server runs'
  describe processes('sshd') do
    it { should_not exist }
  end
end

control 'system-1' do
  impact 0.1
  title 'The system says what it is'
  describe file('/etc/os-release') do
    its('content') { should match(/^ID=/) }
  end
end
