# How the container is kept apart from its node.
container = kscan_container(->(name) { input(name) })

control 'kb-07' do
  impact 1.0
  title 'The container is not privileged'
  desc 'A privileged container is the node: its devices, its kernel, its other containers.'
  desc 'check', '/proc/sys and /sys are read-only, parts of /proc are covered, and there is neither SYS_MODULE nor SYS_RAWIO.'
  desc 'fix', 'Pod: securityContext.privileged: false.'
  tag nist: ['SC-4', 'AC-6 (10)']
  tag cci: ['CCI-001090', 'CCI-002235']
  tag srg: ['SRG-APP-000243-CTR-000595']
  tag cis: ['Docker 5.5', 'Kubernetes 5.2.2']
  tag attack: ['T1611']
  reason = container.without_processes
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :signs_of_privilege }
  end
end

control 'kb-08' do
  impact 0.5
  title 'An access profile holds'
  desc 'AppArmor or SELinux keep a process that was taken over from what its program never does.'
  desc 'check', '/proc/self/attr/current names a profile that is not unconfined.'
  desc 'fix', 'Pod: securityContext.appArmorProfile: {type: RuntimeDefault}, or seLinuxOptions.'
  tag nist: ['AC-3 (3)']
  tag cci: ['CCI-003014']
  tag srg: ['SRG-APP-000431-CTR-001065']
  tag cis: ['Docker 5.2', 'Docker 5.3', 'Kubernetes 5.7.3']
  tag attack: ['T1611']
  reason = container.without_processes || container.without_profile_of_access
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :weak_access_profile }
  end
end

control 'kb-09' do
  impact 0.7
  title 'It shares no namespace of the node'
  desc 'With the network, the processes or the memory of the node a container sees and reaches what is not its own.'
  desc 'check', 'The numbers of its namespaces of ipc, pid and uts are not those of the kernel\'s first. A network of the node shows by its uts.'
  desc 'fix', 'Pod: neither hostNetwork nor hostPID nor hostIPC.'
  desc 'caveat', 'Where the nodes are containers themselves, as in kind, their namespaces are not the first, and this sees nothing.'
  tag nist: ['SC-39', 'SC-4']
  tag cci: ['CCI-002530', 'CCI-001090']
  tag srg: ['SRG-APP-000431-CTR-001065', 'SRG-APP-000243-CTR-000600']
  tag cis: ['Docker 5.10', 'Docker 5.16', 'Docker 5.17', 'Docker 5.21', 'Kubernetes 5.2.3', 'Kubernetes 5.2.4', 'Kubernetes 5.2.5']
  tag attack: ['T1611']
  reason = container.without_processes
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :namespaces_of_node }
  end
end

control 'kb-10' do
  impact 0.3
  title 'Root here is not root of the node'
  desc 'In a user namespace root of the container is nobody on the node.'
  desc 'check', '/proc/self/uid_map does not map 0 to 0.'
  desc 'fix', 'Pod: hostUsers: false.'
  tag nist: ['SC-39']
  tag cci: ['CCI-002530']
  tag srg: ['SRG-APP-000431-CTR-001065']
  tag cis: ['Docker 5.31']
  tag attack: ['T1611']
  reason = container.without_processes || container.without_root
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :root_of_node }
  end
end

control 'kb-11' do
  impact 0.5
  title 'The root file system is read-only'
  desc 'What cannot be written cannot be replaced, and a download has no place to go.'
  desc 'check', 'The mount at / is read-only.'
  desc 'fix', 'Pod: securityContext.readOnlyRootFilesystem: true, with an emptyDir for /tmp.'
  tag nist: ['CM-5 (1) (a)']
  tag cci: ['CCI-001813']
  tag srg: ['SRG-APP-000380-CTR-000340']
  tag cis: ['Docker 5.13', 'Kubernetes 5.7.3']
  tag attack: ['T1105']
  reason = container.without_processes
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :writable_root }
  end
end

control 'kb-17' do
  impact 0.7
  title 'There are no devices of the node'
  desc 'A disk of the node, opened as a device, holds the files of all containers.'
  desc 'check', 'There is no device outside of /dev, and in /dev none but the usual ones.'
  desc 'fix', 'Pod: not privileged, and no hostPath of /dev.'
  desc 'exceptions', 'Input: devices'
  tag nist: ['SC-4', 'CM-7 (9) (b)']
  tag cci: ['CCI-001090', 'CCI-003959']
  tag srg: ['SRG-APP-000243-CTR-000595']
  tag cis: ['Docker 5.18', 'Kubernetes 5.2.2']
  tag attack: ['T1611']
  describe container do
    it { should have_no :devices }
  end
end

control 'kb-18' do
  impact 0.7
  title 'There are no folders of the node'
  desc 'Through a folder of the node a container reads what the node knows, or changes what it runs.'
  desc 'check', 'No mount is of a file system of the node but through the kubelet\'s own folder of the pod.'
  desc 'fix', 'Pod: a PersistentVolumeClaim or a ConfigMap in place of the hostPath.'
  desc 'caveat', 'A whole tmpfs, what lies on another disk than the kubelet\'s folder, and another pod\'s folder are not seen from inside.'
  desc 'exceptions', 'Input: node_paths'
  tag nist: ['SC-4']
  tag cci: ['CCI-001090']
  tag srg: ['SRG-APP-000243-CTR-000595']
  tag cis: ['Docker 5.6', 'Kubernetes 5.2.12']
  tag attack: ['T1611']
  reason = container.without_processes
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :folders_of_node }
  end
end

control 'kb-19' do
  impact 1.0
  title 'There is no socket of a container runtime'
  desc 'Whoever may speak with the runtime of the node may start a container that is the node.'
  desc 'check', 'No mount is, and no usual place has, a socket of Docker, containerd, CRI-O, Podman or the kubelet.'
  desc 'fix', 'Pod: take the hostPath of the socket away.'
  tag nist: ['AC-6 (10)']
  tag cci: ['CCI-002235']
  tag srg: ['SRG-APP-000340-CTR-000770']
  tag cis: ['Docker 5.32', 'Kubernetes 5.2.12']
  tag attack: ['T1611', 'T1610']
  reason = container.without_processes
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :runtime_sockets }
  end
end

control 'kb-20' do
  impact 0.5
  title 'Mounts do not propagate to the node'
  desc 'A mount that propagates appears on the node, and in other containers.'
  desc 'check', 'No mount of a volume is shared.'
  desc 'fix', 'Pod: no mountPropagation: Bidirectional.'
  desc 'exceptions', 'Input: propagating_mounts'
  tag nist: ['SC-4']
  tag cci: ['CCI-001090']
  tag srg: ['SRG-APP-000243-CTR-000595']
  tag cis: ['Docker 5.20']
  tag attack: ['T1611']
  reason = container.without_processes
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :propagating_mounts }
  end
end

control 'kb-32' do
  impact 0.3
  title 'There is no token of a service account'
  desc 'Whoever reads the token speaks with the cluster as the pod.'
  desc 'check', 'No mount is at secrets/kubernetes.io/serviceaccount.'
  desc 'fix', 'Pod: automountServiceAccountToken: false.'
  desc 'exceptions', 'Input: needs_api'
  tag nist: ['AC-6']
  tag cci: ['CCI-000225']
  tag srg: ['SRG-APP-000342-CTR-000775']
  tag cis: ['Kubernetes 5.1.6']
  tag attack: ['T1528', 'T1552.007']
  reason = container.without_processes || container.needs_api
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :tokens }
  end
end

control 'kb-40' do
  impact 0.5
  title 'Nothing listens on a privileged port'
  desc 'Ports below 1024 need root, or a capability.'
  desc 'check', 'No socket of the pod listens below 1024, the loopback left out. It may be one of another container of the pod.'
  desc 'fix', 'Listen on a port such as 8080; the Service maps 80 to it.'
  desc 'exceptions', 'Input: ports'
  tag nist: ['CM-7 b']
  tag cci: ['CCI-000382']
  tag srg: ['SRG-APP-000142-CTR-000330', 'SRG-OS-000096-GPOS-00050']
  tag cis: ['Docker 5.8']
  tag attack: ['T1190']
  reason = container.without_processes || container.network_of_node
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :privileged_ports }
  end
end

control 'kb-41' do
  impact 0.5
  title 'Memory is limited'
  desc 'Without a limit one container can take the memory of all on the node.'
  desc 'check', 'The control group of the container has a limit of memory.'
  desc 'fix', 'Pod: resources.limits.memory.'
  desc 'caveat', 'A limit of the pod as a whole is not seen from inside.'
  tag nist: ['SC-5 a', 'SC-5 (2)']
  tag cci: ['CCI-002385', 'CCI-001095']
  tag srg: ['SRG-APP-000435-CTR-001070', 'SRG-APP-000247-CTR-000330']
  tag cis: ['Docker 5.11']
  tag attack: ['T1499', 'T1496']
  reason = container.without_processes
  only_if(reason.to_s, impact: 0.0) { reason.nil? }
  describe container do
    it { should have_no :unlimited_resources }
  end
end
