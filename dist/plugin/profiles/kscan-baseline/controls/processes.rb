# Who runs in the container, and with what.
container = kscan_container(->(name) { input(name) })

control 'kb-01' do
  impact 0.5
  title 'No process runs as root'
  desc 'Whoever breaks out of a container as root is root on the node.'
  desc 'check', 'None of the four user ids of any process of the container is 0, as /proc tells.'
  desc 'fix', 'Dockerfile: USER 65532:65532. Pod: securityContext.runAsNonRoot: true.'
  desc 'exceptions', 'Input: root_processes'
  tag nist: ['AC-6', 'AC-6 (8)']
  tag cci: ['CCI-000225', 'CCI-002233']
  tag srg: ['SRG-APP-000342-CTR-000775', 'SRG-OS-000326-GPOS-00126']
  tag cis: ['Docker 4.1', 'Kubernetes 5.2.7']
  tag attack: ['T1611']
  reason = container.without_processes || container.of_other_users
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :processes_of_root }
  end
end

control 'kb-02' do
  impact 0.5
  title 'No process can gain new privileges'
  desc 'A setuid program, or one with file capabilities, gives its user more than the pod was given.'
  desc 'check', 'NoNewPrivs is 1 for all processes of the container.'
  desc 'fix', 'Pod: securityContext.allowPrivilegeEscalation: false.'
  tag nist: ['AC-6 (10)']
  tag cci: ['CCI-002235']
  tag srg: ['SRG-APP-000340-CTR-000770', 'SRG-OS-000324-GPOS-00125']
  tag cis: ['Docker 5.26', 'Kubernetes 5.2.6']
  tag attack: ['T1548.001']
  reason = container.without_processes
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :processes_with_new_privileges }
  end
end

control 'kb-03' do
  impact 0.5
  title 'System calls are filtered'
  desc 'Most ways out of a container go through system calls that its programs never need.'
  desc 'check', 'Seccomp is 2, a filter, for all processes of the container.'
  desc 'fix', 'Pod: securityContext.seccompProfile: {type: RuntimeDefault}.'
  desc 'caveat', 'A runtime that filters elsewhere, such as gVisor or Kata, shows no filter here.'
  tag nist: ['SC-39', 'CM-7 (2)']
  tag cci: ['CCI-002530', 'CCI-001764']
  tag srg: ['SRG-APP-000431-CTR-001065']
  tag cis: ['Docker 5.22', 'Kubernetes 5.7.2']
  tag attack: ['T1611']
  reason = container.without_processes
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :unfiltered_processes }
  end
end

control 'kb-04' do
  impact 0.7
  title 'There is no capability beyond the usual ones'
  desc 'Capabilities such as SYS_ADMIN or NET_ADMIN give parts of root on the node.'
  desc 'check', 'The bounding set holds none but the 14 that runtimes give by themselves.'
  desc 'fix', 'Pod: take them out of securityContext.capabilities.add.'
  desc 'exceptions', 'Input: capabilities'
  tag nist: ['AC-6']
  tag cci: ['CCI-000225']
  tag srg: ['SRG-APP-000342-CTR-000775']
  tag cis: ['Docker 5.4', 'Kubernetes 5.2.9']
  tag attack: ['T1611']
  reason = container.without_processes
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :added_capabilities }
  end
end

control 'kb-05' do
  impact 0.5
  title 'All capabilities are dropped'
  desc 'What a process does not have, nobody who takes it over has. A process that is not root can get back what the bounding set holds.'
  desc 'check', 'The bounding set holds nothing but NET_BIND_SERVICE.'
  desc 'fix', 'Pod: securityContext.capabilities: {drop: [ALL]}.'
  desc 'exceptions', 'Input: capabilities'
  tag nist: ['AC-6']
  tag cci: ['CCI-000225']
  tag srg: ['SRG-APP-000342-CTR-000775']
  tag cis: ['Docker 5.4', 'Kubernetes 5.2.10']
  tag attack: ['T1068']
  reason = container.without_processes
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :kept_capabilities }
  end
end

control 'kb-06' do
  impact 0.5
  title 'No raw packets can be sent'
  desc 'With raw packets a container can pretend to be another one on the network of the pods.'
  desc 'check', 'The bounding set does not hold NET_RAW.'
  desc 'fix', 'Pod: securityContext.capabilities: {drop: [NET_RAW]}.'
  desc 'exceptions', 'Input: capabilities'
  tag nist: ['CM-7 b']
  tag cci: ['CCI-000382']
  tag srg: ['SRG-APP-000342-CTR-000775']
  tag cis: ['Docker 5.4', 'Kubernetes 5.2.8']
  tag attack: ['T1557', 'T1040']
  reason = container.without_processes
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :raw_packets }
  end
end

control 'kb-31' do
  impact 0.5
  title 'No secret is in the arguments of a process'
  desc 'Every user of the container can read the arguments of every process.'
  desc 'check', 'No argument is a password, secret, token or key with a value that is neither a path nor a variable.'
  desc 'fix', 'Give the program a file, or a variable of a Secret.'
  tag nist: ['IA-5 (7)']
  tag cci: ['CCI-004069']
  tag attack: ['T1552', 'T1057']
  reason = container.without_processes
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :processes_with_secrets }
  end
end

control 'kb-36' do
  impact 0.7
  title 'No server runs that lets people in'
  desc 'A container is entered through the cluster, which knows who does it; a login server of its own is a second door.'
  desc 'check', 'No process is named sshd, dropbear, telnetd, rshd, xinetd, vsftpd, xrdp or Xvnc.'
  desc 'fix', 'Leave it out of the image, and use kubectl exec.'
  desc 'exceptions', 'Input: processes'
  tag nist: ['CM-7 b']
  tag cci: ['CCI-000382']
  tag srg: ['SRG-OS-000095-GPOS-00049']
  tag cis: ['Docker 5.7']
  tag attack: ['T1021.004']
  reason = container.without_processes
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :login_servers }
  end
end

control 'kb-43' do
  impact 0.5
  title 'No debugger listens'
  desc 'Whoever reaches a debugger runs code as the process that it looks at.'
  desc 'check', 'No process has an argument that starts the debugger of Node.js, Java, Python or Go, nor is it in JAVA_TOOL_OPTIONS.'
  desc 'fix', 'Leave the argument out of the command.'
  tag nist: ['CM-7 a']
  tag cci: ['CCI-000381']
  tag srg: ['SRG-APP-000141-CTR-000315']
  tag cis: ['Docker 5.9']
  tag attack: ['T1190']
  reason = container.without_processes
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :debuggers }
  end
end

control 'kb-44' do
  impact 0.3
  title 'New files are not writable by everyone'
  desc 'With a umask of 0 every file that a process makes can be changed by every user.'
  desc 'check', 'The umask of all processes takes the right to write from others.'
  desc 'fix', 'Set umask 027 before the program is started.'
  tag nist: ['CM-6 b']
  tag cci: ['CCI-000366']
  tag srg: ['SRG-OS-000480-GPOS-00228']
  tag attack: ['T1222.002']
  reason = container.without_processes
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :open_umasks }
  end
end
