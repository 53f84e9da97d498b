# What the image is made of.
container = kscan_container(->(name) { input(name) })

control 'kb-33' do
  impact container.state_of_support == :late ? 0.3 : 0.7
  title 'The distribution is supported'
  desc 'A distribution after its end gets no fixes for known weaknesses.'
  desc 'check', 'os-release names a release that gets security fixes today.'
  desc 'fix', 'Dockerfile: a newer FROM.'
  desc 'exceptions', 'Input: extended_support'
  tag nist: ['SA-22 a', 'SI-2 c']
  tag cci: ['CCI-003376', 'CCI-002605']
  tag srg: ['SRG-OS-000480-GPOS-00227', 'SRG-APP-001035-CTR-000323', 'SRG-APP-000456-CTR-001125']
  tag cis: ['Docker 4.4']
  tag attack: ['T1190']
  reason = container.without_release
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :ended_support }
  end
end

control 'kb-34' do
  impact 0.3
  title 'There is no package manager'
  desc 'What installs programs in a running container is of use to nobody but an intruder.'
  desc 'check', 'No folder of programs has apt, dpkg, apk, yum, dnf, rpm, zypper, pip, npm or gem; links are left out.'
  desc 'fix', 'Build in stages, or on a distroless image.'
  desc 'exceptions', 'Input: programs'
  tag nist: ['CM-7 a', 'CM-11 (2)']
  tag cci: ['CCI-000381', 'CCI-003980']
  tag srg: ['SRG-OS-000095-GPOS-00049']
  tag cis: ['Docker 4.3']
  tag attack: ['T1105']
  describe container do
    it { should have_no :package_managers }
  end
end

control 'kb-35' do
  impact 0.3
  title 'There are no compilers, debuggers and network tools'
  desc 'They are what an intruder would have to bring.'
  desc 'check', 'No folder of programs has one; links, as those of busybox, are left out.'
  desc 'fix', 'Build in stages, or on a distroless image.'
  desc 'exceptions', 'Input: programs'
  tag nist: ['CM-7 a']
  tag cci: ['CCI-000381']
  tag srg: ['SRG-OS-000095-GPOS-00049']
  tag cis: ['Docker 4.3']
  tag attack: ['T1027.004', 'T1046']
  describe container do
    it { should have_no :tools }
  end
end
