import { pick, ruby, settings, words, type Maker } from './rule.ts'

// Rules that hold in containers too.

const PATHS = settings(`
  /etc/passwd=0644 /etc/group=0644 /etc/shadow=0640 /etc/gshadow=0640 /etc/login.defs=0644 /etc/hosts=0644 /etc/ssh/sshd_config=0600
  /etc/sudoers=0440 /etc/app.conf=0640
`)

export const fileMode: Maker = (n) => {
  const { name: path, value: mode } = pick(PATHS, n)
  return {
    title: `${path} must belong to root and have mode ${mode} or less`,
    why: 'Settings are safe when only their owner can change them.',
    check: `stat -c '%n %a %U %G' ${path}`,
    finding: `the mode is more permissive than ${mode}`,
    fix: `Run \`chown root ${path}\` and \`chmod ${mode} ${path}\`.`,
    body: ruby(
      "only_if('This requirement is Not Applicable without the file', impact: 0.0) {",
      `  file('${path}').exist?`,
      '}',
      '',
      `describe file('${path}') do`,
      '  it { should exist }',
      "  its('owner') { should eq 'root' }",
      "  its('group') { should be_in %w{root shadow} }",
      `  it { should_not be_more_permissive_than('${mode}') }`,
      'end'
    )
  }
}

const FOLDERS = words(`
  /var/log /etc /usr/bin /usr/lib /usr/sbin /var/spool/cron /etc/ssl/private /root /etc/pam.d
`)

export const directoryMode: Maker = (n) => {
  const path = pick(FOLDERS, n)
  return {
    title: `The directory ${path} must belong to root and be closed to writing`,
    why: 'Who may write to a directory may replace what lies in it.',
    check: `stat -c '%n %a %U' ${path}`,
    finding: 'its mode is above 755 or its owner is not root',
    fix: `Run \`chmod 0755 ${path}\` and \`chown root ${path}\`.`,
    body: ruby(
      `describe directory('${path}') do`,
      '  it { should exist }',
      "  it { should_not be_more_permissive_than('0755') }",
      "  its('owner') { should eq 'root' }",
      'end'
    )
  }
}

const SEARCHES = ['! -user root', '! -group root', '-perm /022', '-perm -4000', '-perm -2000', '-nouser', '-nogroup', '-empty', '-perm -1000'] as const

export const search: Maker = (n) => {
  const test = pick(SEARCHES, n)
  return {
    title: `No system command may match ${test}`,
    why: 'A command that others can replace runs what others want.',
    check: `find -L /bin /sbin /usr/bin /usr/sbin ${test} -type f -exec stat -c '%n %a' '{}' \\;`,
    finding: 'the command prints a path that the owner has not approved',
    fix: 'Give the file back to root, and take the rights of others away.',
    body: ruby(
      "dirs = input('system_command_dirs').select { |dir| directory(dir).exist? }",
      `failing = command("find -L #{dirs.join(' ')} ${test} -type f -exec ls -d {} \\\\;").stdout.split("\\n")`,
      '',
      "describe 'System commands' do",
      "  it 'must be as the system installed them' do",
      '    expect(failing).to be_empty, "failing:\\n\\t- #{failing.join("\\n\\t- ")}"',
      '  end',
      'end'
    )
  }
}

const LOGIN_SETTINGS = [
  ['PASS_MAX_DAYS', '<= 60'],
  ['PASS_MIN_DAYS', ">= input('pass_min_days')"],
  ['PASS_WARN_AGE', '>= 7'],
  ['ENCRYPT_METHOD', "== 'SHA512'"],
  ['UMASK', "== '077'"],
  ['LOGIN_RETRIES', '<= 3'],
  ['LOGIN_TIMEOUT', '<= 60'],
  ['UID_MIN', '== 1000'],
  ['GID_MIN', '== 1000']
] as const

export const loginDefs: Maker = (n) => {
  const [name, bound] = pick(LOGIN_SETTINGS, n)
  return {
    title: `${name} in /etc/login.defs must be set as the handbook says`,
    why: 'New accounts get what stands there.',
    check: `grep -i ${name} /etc/login.defs`,
    finding: 'the line is missing or has another value',
    fix: `Set ${name} in /etc/login.defs.`,
    body: ruby('describe login_defs do', `  its('${name}') { should_not be_nil }`, `  its('${name}') { should cmp ${bound} }`, 'end')
  }
}

const SETTINGS = [
  ['/etc/security/pwquality.conf', 'minlen', '>= 15'],
  ['/etc/security/pwquality.conf', 'ucredit', '== -1'],
  ['/etc/security/faillock.conf', 'deny', '<= 3'],
  ['/etc/ssh/sshd_config', 'PermitRootLogin', "== 'no'"],
  ['/etc/audit/auditd.conf', 'max_log_file_action', "== 'ROTATE'"],
  ['/etc/sysctl.conf', 'kernel.sysrq', '== 0'],
  ['/etc/default/useradd', 'INACTIVE', '<= 35'],
  ['/etc/host.conf', 'multi', "== 'off'"],
  ['/etc/os-release', 'ID', "== 'debian'"]
] as const

export const setting: Maker = (n) => {
  const [path, name, bound] = pick(SETTINGS, n)
  return {
    title: `${name} must be set in ${path}`,
    why: 'A default that nobody chose is a decision that nobody made.',
    check: `grep -i ${name} ${path}`,
    finding: 'the line is missing, commented out or has another value',
    fix: `Set ${name} in ${path}.`,
    body: ruby(`describe parse_config_file('${path}') do`, `  its(['${name}']) { should cmp ${bound} }`, 'end')
  }
}

const PACKAGES = words(`
  telnetd rsh-server nis tftpd-hpa xinetd snmpd vsftpd prelink ntp
`)

export const absentPackage: Maker = (n) => {
  const name = pick(PACKAGES, n)
  return {
    title: `The package ${name} must not be installed`,
    why: 'What is not there cannot be attacked.',
    check: `dpkg -l | grep ${name}`,
    finding: 'the package is installed',
    fix: `Remove ${name} with the package manager.`,
    body: ruby(`describe package('${name}') do`, '  it { should_not be_installed }', 'end')
  }
}

const QUERIES = [
  `awk -F: '$3 == 0 {print $1}' /etc/passwd | grep -v '^root$'`,
  `awk -F: '$2 == "" {print $1}' /etc/shadow`,
  'cut -d: -f3 /etc/passwd | sort | uniq -d',
  'cut -d: -f1 /etc/group | sort | uniq -d',
  `grep -E '(/bin/bash|/bin/sh)$' /etc/passwd | cut -d: -f1`,
  `awk -F: '$4 < 1 {print $1 " " $4}' /etc/shadow | head -n 5`,
  `grep -c '^+' /etc/passwd | grep -v '^0$'`,
  `for home in $(cut -d: -f6 /etc/passwd | sort -u); do [ -d "$home" ] || echo "$home"; done`,
  `find /home -maxdepth 2 -name '.*rc' -perm /022 2>/dev/null | wc -l | grep -v '^0$'`
] as const

export const accountQuery: Maker = (n) => {
  const query = pick(QUERIES, n)
  return {
    title: `Accounts must pass query ${n + 1} of the handbook`,
    why: 'An account that nobody knows of is a door that nobody watches.',
    check: query,
    finding: 'the command prints a line',
    fix: 'Correct the accounts it names.',
    body: ruby(
      "approved = input('approved_users')",
      `found = command(%q{${query}}).stdout.split("\\n") - approved`,
      '',
      "describe 'What the query finds' do",
      '  subject { found }',
      '  it { should be_empty }',
      'end'
    )
  }
}

export const byHand: Maker = (n) => ({
  title: `The owner must have agreed to part ${n + 1} of the plan`,
  why: 'Some questions no program can answer.',
  check: 'cat /etc/issue',
  finding: 'no owner has agreed',
  fix: 'Ask the owner.',
  body: ruby("describe 'This control' do", "  skip 'must be reviewed by hand'", 'end')
})
