# Accounts of the image.
container = kscan_container(->(name) { input(name) })

control 'kb-21' do
  impact 0.7
  title 'Only root has the id 0, and names and ids are unique'
  desc 'A second name of an id hides who did what.'
  desc 'check', 'In /etc/passwd no other name has the id 0, and no name or id is there twice.'
  desc 'fix', 'Dockerfile: RUN deluser NAME'
  tag nist: ['IA-2']
  tag cci: ['CCI-000764']
  tag srg: ['SRG-OS-000104-GPOS-00051']
  tag attack: ['T1136.001']
  reason = container.without_accounts
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :other_roots }
    it { should have_no :doubled_accounts }
  end
end

control 'kb-22' do
  impact 0.7
  title 'No account has an empty password in /etc/passwd'
  desc 'Such an account needs no password at all.'
  desc 'check', 'The second field of each line of /etc/passwd is not empty.'
  desc 'fix', 'Dockerfile: RUN passwd -l NAME'
  tag nist: ['CM-6 b']
  tag cci: ['CCI-000366']
  tag srg: ['SRG-OS-000480-GPOS-00227']
  tag attack: ['T1078.003']
  reason = container.without_accounts
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :accounts_without_password }
  end
end

control 'kb-23' do
  impact 0.7
  title 'No account has a password that works'
  desc 'An image\'s password is known to all who can pull it, and is the same in every container.'
  desc 'check', 'Each password in /etc/shadow is locked.'
  desc 'fix', 'Dockerfile: RUN usermod -p \'*\' NAME'
  tag nist: ['IA-5 (1) (d)', 'IA-7']
  tag cci: ['CCI-004062', 'CCI-000803']
  tag srg: ['SRG-OS-000073-GPOS-00041', 'SRG-OS-000120-GPOS-00061', 'SRG-APP-000171-CTR-000435']
  tag attack: ['T1078.003', 'T1110.002']
  reason = container.without_shadow
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :usable_passwords }
  end
end

control 'kb-24' do
  impact 0.5
  title 'The files of accounts belong to root'
  desc 'Who may write them may become root; who may read the passwords may guess them.'
  desc 'check', 'passwd and group belong to root and are at most 0644, shadow and gshadow at most 0640.'
  desc 'fix', 'Dockerfile: RUN chown root /etc/passwd && chmod 0644 /etc/passwd'
  tag nist: ['CM-6 b', 'CM-5 (6)']
  tag cci: ['CCI-000366', 'CCI-001499']
  tag srg: ['SRG-OS-000480-GPOS-00227', 'SRG-APP-000133-CTR-000310']
  tag attack: ['T1003.008']
  reason = container.without_accounts
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :open_account_files }
  end
end

control 'kb-25' do
  impact 0.3
  title 'Accounts have no login shell'
  desc 'An account that nobody logs in with needs none.'
  desc 'check', 'All accounts but root end in nologin, false or the like.'
  desc 'fix', 'Dockerfile: RUN usermod -s /usr/sbin/nologin NAME'
  desc 'exceptions', 'Input: login_accounts'
  tag nist: ['CM-7 a']
  tag cci: ['CCI-000381']
  tag srg: ['SRG-APP-000141-CTR-000315']
  tag attack: ['T1078.003']
  reason = container.without_accounts
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :login_shells }
  end
end
