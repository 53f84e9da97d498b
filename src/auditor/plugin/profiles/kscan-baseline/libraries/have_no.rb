# What each finding is called, so that the checks read as sentences: "The container has other accounts with the id 0: toor".
module Findings
  NAMES = {
    other_roots: 'other accounts with the id 0',
    doubled_accounts: 'accounts that share a name or an id',
    accounts_without_password: 'accounts with an empty password',
    usable_passwords: 'accounts with a password that works',
    open_account_files: 'files of accounts that are too open',
    login_shells: 'accounts with a login shell',
    set_id_programs: 'programs that run as another user or group',
    files_open_to_all: 'files that everyone may write',
    folders_open_to_all: 'folders in which everyone may write',
    files_without_owner: 'files of users that have no account',
    changeable_programs: 'programs that its user may change',
    login_keys: 'keys that let people in',
    private_keys: 'private keys',
    credential_files: 'files of credentials',
    leftovers: 'leftovers of its build',
    changed_programs: 'programs that changed since the start',
    ended_support: 'distributions without full support',
    package_managers: 'package managers',
    tools: 'tools that help an intruder',
    signs_of_privilege: 'signs of being privileged',
    weak_access_profile: 'weak access profiles',
    namespaces_of_node: 'namespaces of the node',
    root_of_node: 'ids of the node',
    writable_root: 'writable root file systems',
    devices: 'devices of the node',
    folders_of_node: 'folders of the node',
    runtime_sockets: 'sockets of the container runtime',
    propagating_mounts: 'mounts that reach the node',
    tokens: 'tokens of the cluster',
    privileged_ports: 'listeners on privileged ports',
    unlimited_resources: 'resources without a limit',
    processes_of_root: 'processes of root',
    processes_with_new_privileges: 'processes that can gain privileges',
    unfiltered_processes: 'processes whose system calls are not filtered',
    added_capabilities: 'capabilities beyond the usual ones',
    kept_capabilities: 'capabilities that were not dropped',
    raw_packets: 'rights to send raw packets',
    processes_with_secrets: 'processes with a secret in their arguments',
    login_servers: 'servers that let people in',
    debuggers: 'debuggers that listen',
    open_umasks: 'processes whose new files everyone may write',
    secret_variables: 'variables that hold secrets',
    unverified_packages: 'settings by which packages are not verified',
    preloaded: 'libraries that are loaded into every program',
    unsafe_search_path: 'unsafe entries in its search path',
    unverified_certificates: 'variables by which certificates are not verified'
  }.freeze
end

RSpec::Matchers.define :have_no do |finding|
  name = Findings::NAMES.fetch(finding)
  match { |container| (@found = container.public_send(finding)).empty? }
  description { "have no #{name}" }
  failure_message { "The container has #{name}: #{@found.join(', ')}" }
end
