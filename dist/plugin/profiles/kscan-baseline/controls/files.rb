# Files of the image, and those that were added since.
container = kscan_container(->(name) { input(name) })

control 'kb-12' do
  impact 0.5
  title 'There are no setuid or setgid programs'
  desc 'Such a program runs as its owner whoever starts it.'
  desc 'check', 'No executable file has one of these bits.'
  desc 'fix', 'Dockerfile: RUN find / -xdev -perm /6000 -type f -exec chmod a-s {} +'
  desc 'exceptions', 'Input: files'
  tag nist: ['AC-6 (8)', 'CM-7 a']
  tag cci: ['CCI-002233', 'CCI-000381']
  tag srg: ['SRG-OS-000326-GPOS-00126', 'SRG-APP-000342-CTR-000775']
  tag cis: ['Docker 4.8']
  tag attack: ['T1548.001']
  reason = container.without_new_privileges
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :set_id_programs }
  end
end

control 'kb-13' do
  impact 0.5
  title 'No file is writable by everyone'
  desc 'Every user of the container can change it.'
  desc 'check', 'No regular file has the right to write for others.'
  desc 'fix', 'Dockerfile: RUN chmod o-w FILE'
  desc 'exceptions', 'Input: files'
  tag nist: ['AC-3 (4)']
  tag cci: ['CCI-002165']
  tag srg: ['SRG-OS-000312-GPOS-00122']
  tag attack: ['T1222.002']
  describe container do
    it { should have_no :files_open_to_all }
  end
end

control 'kb-14' do
  impact 0.5
  title 'Folders that everyone may write to are sticky'
  desc 'Without the sticky bit every user can remove and replace what others put there.'
  desc 'check', 'No folder has the right to write for others without the sticky bit; volumes are left out.'
  desc 'fix', 'Dockerfile: RUN chmod +t FOLDER'
  desc 'exceptions', 'Input: files'
  tag nist: ['SC-4']
  tag cci: ['CCI-001090']
  tag srg: ['SRG-OS-000138-GPOS-00069']
  tag attack: ['T1222.002']
  describe container do
    it { should have_no :folders_open_to_all }
  end
end

control 'kb-15' do
  impact 0.3
  title 'Every file has an owner'
  desc 'A file of an id without an account belongs to whoever gets that id next.'
  desc 'check', 'The owner of each file is in /etc/passwd, or is the user of the container.'
  desc 'fix', 'Dockerfile: RUN adduser for the id, or COPY --chown with one that exists.'
  desc 'exceptions', 'Input: files'
  tag nist: ['CM-6 b']
  tag cci: ['CCI-000366']
  tag srg: ['SRG-OS-000480-GPOS-00227']
  tag attack: ['T1222.002']
  reason = container.without_accounts
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :files_without_owner }
  end
end

control 'kb-16' do
  impact 0.5
  title 'The user cannot change the programs'
  desc 'Whoever takes a process over could leave something behind in the programs that run next.'
  desc 'check', 'No file or folder below the folders of programs and libraries belongs to the user of the container, or may be written by its groups.'
  desc 'fix', 'Dockerfile: COPY --chown=root:root'
  desc 'exceptions', 'Input: files'
  tag nist: ['CM-5 (6)']
  tag cci: ['CCI-001499']
  tag srg: ['SRG-OS-000259-GPOS-00100', 'SRG-APP-000133-CTR-000295']
  tag attack: ['T1554']
  reason = container.read_only_root || container.run_by_root
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :changeable_programs }
  end
end

control 'kb-26' do
  impact 0.5
  title 'There are no keys for logging in'
  desc 'A key in an image lets its owner into every container of it.'
  desc 'check', 'No authorized_keys, .rhosts, .shosts or hosts.equiv has content.'
  desc 'fix', 'Leave it out of the image.'
  desc 'exceptions', 'Input: files'
  tag nist: ['CM-6 b']
  tag cci: ['CCI-000366']
  tag srg: ['SRG-OS-000480-GPOS-00227']
  tag cis: ['Docker 5.7']
  tag attack: ['T1098.004']
  describe container do
    it { should have_no :login_keys }
  end
end

control 'kb-27' do
  impact 0.7
  title 'There are no private keys in the image'
  desc 'Whoever can pull the image has the key.'
  desc 'check', 'No file named as a key holds one; test keys of languages, samples and volumes are left out.'
  desc 'fix', 'Mount a Secret; while building, RUN --mount=type=secret.'
  desc 'exceptions', 'Input: files'
  tag nist: ['IA-5 (2) (a) (1)']
  tag cci: ['CCI-000186']
  tag srg: ['SRG-OS-000067-GPOS-00035']
  tag cis: ['Docker 4.10']
  tag attack: ['T1552.004']
  describe container do
    it { should have_no :private_keys }
  end
end

control 'kb-28' do
  impact 0.7
  title 'There are no files of credentials'
  desc 'Whoever can pull the image has the credentials.'
  desc 'check', 'None of the usual files of credentials has content; samples and volumes are left out.'
  desc 'fix', 'Build in stages, so that it stays behind.'
  desc 'exceptions', 'Input: files'
  tag nist: ['SC-28', 'IA-5 (7)']
  tag cci: ['CCI-001199', 'CCI-004069']
  tag srg: ['SRG-OS-000185-GPOS-00079']
  tag cis: ['Docker 4.10']
  tag attack: ['T1552.001']
  describe container do
    it { should have_no :credential_files }
  end
end

control 'kb-30' do
  impact 0.3
  title 'There are no leftovers of the build'
  desc 'Histories, .env files and repositories tell how it was made, and with what.'
  desc 'check', 'There is no .git, .svn or .hg, no .env, no history of a shell and no core dump.'
  desc 'fix', 'Name it in .dockerignore.'
  desc 'exceptions', 'Input: files'
  tag nist: ['CM-7 a']
  tag cci: ['CCI-000381']
  tag srg: ['SRG-APP-000141-CTR-000315']
  tag cis: ['Docker 4.3']
  tag attack: ['T1552.001']
  describe container do
    it { should have_no :leftovers }
  end
end

control 'kb-45' do
  impact 0.7
  title 'Programs are as they were at the start'
  desc 'A container does not change. What changed since it started was not in the image.'
  desc 'check', 'No file below the folders of programs and libraries changed later than a minute after the start.'
  desc 'fix', 'Pod: readOnlyRootFilesystem: true. Build the image anew, and start it again.'
  desc 'exceptions', 'Input: files'
  tag nist: ['SI-7 (1)', 'CM-3 (5)']
  tag cci: ['CCI-002710', 'CCI-001744']
  tag srg: ['SRG-OS-000363-GPOS-00150']
  tag attack: ['T1554', 'T1105']
  reason = container.without_processes || container.read_only_root || container.young
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :changed_programs }
  end
end
