import { pick, ruby, settings, words, type Maker } from './rule.ts'

// Rules that handbooks leave out in containers: they ask for facts of the node.

const SYSCALLS = words(`
  execve openat unlink rename mount chmod chown setxattr init_module delete_module creat truncate fchmodat lremovexattr umount2 finit_module
  fchownat renameat
`)

export const auditedCall: Maker = (n) => {
  const name = pick(SYSCALLS, n)
  return {
    title: `The system must generate audit records for all uses of the ${name} system call`,
    why: 'Without a record of privileged calls it cannot be found out who did what, and when.',
    check: `auditctl -l | grep ${name}`,
    finding: 'the command prints no rule',
    fix: `Add a rule for ${name} to /etc/audit/rules.d/kscan.rules and load it.`,
    body: ruby(`describe command("auditctl -l | grep -w ${name} | grep -v '^#'") do`, `  its('stdout.strip') { should match(/-S ${name}/) }`, 'end')
  }
}

const PROGRAMS = words(`
  /usr/bin/su /usr/bin/passwd /usr/bin/chsh /usr/bin/mount /usr/bin/umount /usr/bin/newgrp /usr/bin/crontab /usr/sbin/unix_update
  /usr/bin/chage /usr/bin/gpasswd /usr/bin/chcon /usr/bin/setfacl /usr/bin/sudo /usr/sbin/usermod /usr/bin/chfn /usr/bin/ssh-agent
  /sbin/modprobe /bin/kmod
`)

export const auditedProgram: Maker = (n) => {
  const path = pick(PROGRAMS, n)
  return {
    title: `The system must record every start of ${path}`,
    why: 'Programs that change rights are the way by which rights are gained.',
    check: `auditctl -l | grep ${path}`,
    finding: 'the command prints no rule',
    fix: `Add \`-a always,exit -F path=${path} -F perm=x\` to the audit rules.`,
    body: ruby(
      `audit_command = '${path}'`,
      '',
      'describe auditd.file(audit_command) do',
      "  its('permissions') { should_not cmp [] }",
      "  its('action') { should_not include 'never' }",
      'end'
    )
  }
}

const PARAMETERS = settings(`
  kernel.randomize_va_space=2 kernel.dmesg_restrict=1 net.ipv4.tcp_syncookies=1 kernel.kptr_restrict=2 net.ipv4.conf.all.accept_redirects=0
  net.ipv4.conf.all.rp_filter=1 fs.protected_symlinks=1 kernel.yama.ptrace_scope=1 fs.suid_dumpable=0 fs.protected_hardlinks=1
  net.ipv4.ip_forward=0 net.ipv4.conf.all.send_redirects=0 net.ipv6.conf.all.accept_ra=0 net.ipv4.conf.all.log_martians=1 kernel.sysrq=0
  kernel.unprivileged_bpf_disabled=1 kernel.perf_event_paranoid=2 fs.protected_fifos=2
`)

export const kernelParameter: Maker = (n) => {
  const { name, value } = pick(PARAMETERS, n)
  return {
    title: `The kernel parameter ${name} must be ${value}`,
    why: 'The kernel guards all programs alike; what it allows, no program can forbid.',
    check: `sysctl ${name}`,
    finding: `the value is not ${value}`,
    fix: `Write \`${name} = ${value}\` to a file below /etc/sysctl.d and run \`sysctl --system\`.`,
    body: ruby(
      `parameter = '${name}'`,
      `value = ${value}`,
      '',
      'describe kernel_parameter(parameter) do',
      "  its('value') { should eq value }",
      'end',
      '',
      `setting = command("grep -rhs '^#{parameter}' /etc/sysctl.conf /etc/sysctl.d | tail -n 1").stdout.strip`,
      '',
      "describe 'The setting on disk' do",
      "  it 'must agree' do",
      '    expect(setting).to match(/=\\s*#{value}$/), "#{parameter} is not set to #{value} on disk"',
      '  end',
      'end'
    )
  }
}

const SERVICES = words(`
  auditd rsyslog apparmor chrony ufw sssd ssh cron systemd-journald systemd-timesyncd pcscd aide clamav-daemon fail2ban postfix nftables
  usbguard fapolicyd
`)

export const service: Maker = (n) => {
  const name = pick(SERVICES, n)
  return {
    title: `The service ${name} must be enabled and running`,
    why: 'A guard that does not run guards nothing.',
    check: `systemctl is-enabled ${name}.service`,
    finding: 'the service is not enabled',
    fix: `Run \`systemctl enable --now ${name}.service\`.`,
    body: ruby(`describe service('${name}') do`, '  it { should be_installed }', '  it { should be_enabled }', '  it { should be_running }', 'end')
  }
}

const BOOT_OPTIONS = words(`
  audit=1 audit_backlog_limit=8192 fips=1 slub_debug=P page_poison=1 ipv6.disable=1 apparmor=1 pti=on vsyscall=none init_on_alloc=1
  init_on_free=1 slab_nomerge lockdown=integrity module.sig_enforce=1 spectre_v2=on mitigations=auto random.trust_cpu=off quiet
`)

export const bootOption: Maker = (n) => {
  const option = pick(BOOT_OPTIONS, n)
  return {
    title: `The kernel must be started with ${option}`,
    why: 'What is set later leaves a gap at the start.',
    check: 'grep GRUB_CMDLINE_LINUX /etc/default/grub',
    finding: `the line does not contain ${option}`,
    fix: `Add ${option} to GRUB_CMDLINE_LINUX and run \`update-grub\`.`,
    body: ruby(
      "describe parse_config_file('/etc/default/grub') do",
      `  its('GRUB_CMDLINE_LINUX') { should match(/${option.replaceAll('.', '\\.')}/) }`,
      'end',
      '',
      `describe command("grep '^[[:space:]]*linux' /boot/grub/grub.cfg | grep -v '${option}'") do`,
      "  its('stdout') { should be_empty }",
      'end'
    )
  }
}

const MODULES = words(`
  usb-storage cramfs freevxfs dccp sctp rds tipc hfs firewire-core
`)

export const kernelModule: Maker = (n) => {
  const name = pick(MODULES, n)
  return {
    title: `The kernel module ${name} must not be loadable`,
    why: 'Code that nobody uses is code that nobody watches.',
    check: `grep -r ${name} /etc/modprobe.d`,
    finding: 'it is neither blacklisted nor installed as /bin/false',
    fix: `Write \`install ${name} /bin/false\` to a file below /etc/modprobe.d.`,
    body: ruby(`describe kernel_module('${name}') do`, '  it { should_not be_loaded }', '  it { should be_disabled }', 'end')
  }
}

const PARTITIONS = words(`
  /tmp /var/log /var/log/audit /home /var/tmp /dev/shm /boot /opt /srv
`)

export const partition: Maker = (n) => {
  const path = pick(PARTITIONS, n)
  return {
    title: `${path} must be mounted with nodev and nosuid`,
    why: 'What users may fill should hold neither devices nor programs of others.',
    check: `mount | grep ' ${path} '`,
    finding: 'an option is missing',
    fix: `Add the options to the line of ${path} in /etc/fstab.`,
    body: ruby(
      `describe mount('${path}') do`,
      '  it { should be_mounted }',
      "  its('options') { should include 'nodev' }",
      "  its('options') { should include 'nosuid' }",
      'end'
    )
  }
}
