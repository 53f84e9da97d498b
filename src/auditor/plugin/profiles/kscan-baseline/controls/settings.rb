# Variables and settings.
container = kscan_container(->(name) { input(name) })

control 'kb-29' do
  impact 0.5
  title 'No secret is in a variable of the environment'
  desc 'Variables reach every child, and land in logs and reports of crashes.'
  desc 'check', 'No variable is named as a password, secret, token, key or credential and has a value.'
  desc 'fix', 'Mount the Secret as a file.'
  desc 'exceptions', 'Input: variables'
  tag nist: ['IA-5 (7)']
  tag cci: ['CCI-004069']
  tag srg: ['SRG-OS-000185-GPOS-00079']
  tag cis: ['Docker 4.10', 'Kubernetes 5.4.1']
  tag attack: ['T1552']
  describe container do
    it { should have_no :secret_variables }
  end
end

control 'kb-37' do
  impact 0.5
  title 'Packages are verified'
  desc 'A package that nobody signed may be anybody\'s.'
  desc 'check', 'No setting of apt, yum or dnf turns the check of signatures or certificates off.'
  desc 'fix', 'Name the key: signed-by= for apt, gpgcheck=1 and gpgkey= for dnf.'
  tag nist: ['CM-14']
  tag cci: ['CCI-003992']
  tag srg: ['SRG-OS-000366-GPOS-00153', 'SRG-APP-000131-CTR-000280']
  tag cis: ['Docker 4.11']
  tag attack: ['T1195.002']
  reason = container.without_package_settings
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :unverified_packages }
  end
end

control 'kb-38' do
  impact 0.7
  title 'Nothing is loaded into every program'
  desc 'A library that is loaded into all can see and change all that they do.'
  desc 'check', '/etc/ld.so.preload, LD_PRELOAD, LD_AUDIT and LD_LIBRARY_PATH are empty.'
  desc 'fix', 'Unset the variable; link the library where it is needed.'
  desc 'exceptions', 'Input: preloaded'
  tag nist: ['CM-5 (6)']
  tag cci: ['CCI-001499']
  tag srg: ['SRG-OS-000259-GPOS-00100']
  tag attack: ['T1574.006']
  reason = container.without_loader
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :preloaded }
  end
end

control 'kb-39' do
  impact 0.5
  title 'The search path is safe'
  desc 'Whoever can write to a folder of PATH chooses which programs run.'
  desc 'check', 'No entry of PATH is empty, relative or writable by everyone.'
  desc 'fix', 'Dockerfile: ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  tag nist: ['CM-6 b']
  tag cci: ['CCI-000366']
  tag srg: ['SRG-OS-000480-GPOS-00227']
  tag attack: ['T1574.007']
  describe container do
    it { should have_no :unsafe_search_path }
  end
end

control 'kb-42' do
  impact 0.7
  title 'Certificates are verified'
  desc 'A client that believes every certificate speaks with whoever answers.'
  desc 'check', 'No variable turns the check off for Node.js, Python, git, npm or pip.'
  desc 'fix', 'Add the authority: SSL_CERT_FILE or NODE_EXTRA_CA_CERTS.'
  tag nist: ['IA-5 (2) (b) (1)']
  tag cci: ['CCI-000185']
  tag srg: ['SRG-OS-000066-GPOS-00034', 'SRG-APP-000605-CTR-001380']
  tag attack: ['T1557']
  describe container do
    it { should have_no :unverified_certificates }
  end
end
