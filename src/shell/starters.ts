/**
 * Programs that start another one, which they are given: data. They are those that Debian and Alpine ship, by their manuals. No such list is ever whole, so
 * there is a net below it: of a program that is not known here, words that name a tool by which profiles ask count as started, and a word with blanks whose
 * first is such a tool counts as a script. Any unknown program with operands of any kind would be doubt in every second command that is none (`nginx -T`,
 * `pro status`); and where the tool is in the image, the net says nothing.
 */

/** How a program hands its operands on to another one. */
export interface Wrapper {
  /** Letters of its options that take a value of their own. */
  readonly valued: string
  /** Long options that take the next word as their value. */
  readonly long?: readonly string[]
  /** Operands of its own, before the program. */
  readonly operands?: number
  /** Operands before the program that are its own by their form, where they may be left out. */
  readonly own?: RegExp
  /** An option whose value is a script for a shell, in place of a program. */
  readonly script?: RegExp
  /** Options that name the program. */
  readonly names?: RegExp
  /** Its operands are one script for a shell. */
  readonly joins?: true
}

/** It starts nothing but scripts. */
const ONLY_SCRIPTS = { operands: Infinity }
const ARCHITECTURE = /^(?:i[3-6]86|x86_64|linux(?:32|64)|uname26|a(?:arch64|rm\w*)|ppc\w*|s390x?|mips\w*|sparc\w*|riscv\w*)$/

/** Those that take options without values, and then the program. */
const PLAIN =
  'builtin catatonit catchsegv chronic command dbus-launch dbus-run-session dumb-init eatmydata entr fakechroot fghack i386 ifne linux32 linux64 nocache nohup ' +
  'pgrphack s6-setsid setsid ssh-agent systemd-cat systemd-inhibit torify torsocks tsocks unbuffer uname26 with-contenv x86_64'

const plain: Readonly<Record<string, Wrapper>> = Object.fromEntries(PLAIN.split(' ').map((name) => [name, { valued: '' }]))

export const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  ...plain,
  'aa-exec': { valued: 'pn', long: ['--profile', '--namespace'] },
  capsh: { valued: 'c', script: /^-c$/, ...ONLY_SCRIPTS },
  cgexec: { valued: 'g' },
  choom: { valued: 'np' },
  chpst: { valued: 'uUbe/Cnlmdopfcrt' },
  chroot: { valued: '', operands: 1 },
  chrt: { valued: 'DPT', operands: 1 },
  cpulimit: { valued: 'lpe', long: ['--limit', '--pid', '--exe'] },
  daemon: { valued: 'nuPFlor' },
  daemonize: { valued: 'ceopuElL' },
  datefudge: { valued: '', operands: 1 },
  doas: { valued: 'Cu' },
  env: { valued: 'uCS', long: ['--unset', '--chdir'], script: /^(?:-[a-zA-Z]*S|--split-string)$/ },
  envdir: { valued: '', operands: 1 },
  envuidgid: { valued: '', operands: 1 },
  exec: { valued: 'a' },
  execlineb: { valued: 'c', script: /^-c$/, ...ONLY_SCRIPTS },
  fakeroot: { valued: 'lsib' },
  faketime: { valued: 'f', operands: 1 },
  firejail: { valued: '' },
  flock: { valued: 'wEc', operands: 1, script: /^-[a-z]*c$/ },
  gdb: { valued: '', names: /^--args$/ },
  gosu: { valued: '', operands: 1 },
  hyperfine: { valued: 'wmrsn', joins: true },
  ionice: { valued: 'cnpPu' },
  ltrace: { valued: 'aADeFlnopsSuwxX' },
  nice: { valued: 'n', long: ['--adjustment'] },
  nsenter: { valued: 'tSGW', long: ['--target', '--setuid', '--setgid'] },
  numactl: { valued: 'imNCpa' },
  parallel: { valued: 'jnNLaIsSd', joins: true },
  perf: { valued: 'eorpt', operands: 1 },
  pfexec: { valued: 'P' },
  pkexec: { valued: '', long: ['--user'] },
  prlimit: { valued: 'p' },
  proot: { valued: 'rbwqvkR0m' },
  proxychains: { valued: 'f' },
  proxychains4: { valued: 'f' },
  rlwrap: { valued: 'abcCDefFhHilmMnopqrsStz' },
  runcon: { valued: 'turl', long: ['--type', '--user', '--role', '--range'], own: /^[^/:]+:[^/]*:/ },
  runuser: { valued: 'ugGs', long: ['--user', '--group', '--supp-group', '--shell'] },
  's6-envdir': { valued: '', operands: 1 },
  's6-envuidgid': { valued: '', operands: 1 },
  's6-setuidgid': { valued: '', operands: 1 },
  's6-softlimit': { valued: 'acdflmoprst' },
  schroot: { valued: 'cudsn', long: ['--chroot', '--user', '--directory'] },
  script: { valued: 'cEIOBTotm', script: /^-[a-z]*c$|^--command$/, ...ONLY_SCRIPTS },
  setarch: { valued: '', own: ARCHITECTURE },
  setlock: { valued: '', operands: 1 },
  setpriv: { valued: '', long: ['--reuid', '--regid', '--groups', '--securebits', '--pdeathsig', '--inh-caps', '--ambient-caps', '--bounding-set'] },
  setuidgid: { valued: '', operands: 1 },
  sg: { valued: 'c', operands: 1, script: /^-c$/ },
  softlimit: { valued: 'acdflmoprst' },
  stdbuf: { valued: 'ioe' },
  strace: { valued: 'abeEIoOpPsSuUX' },
  'start-stop-daemon': { valued: '', names: /^(?:-[xa]|--exec|--startas)$/ },
  'su-exec': { valued: '', operands: 1 },
  sudo: { valued: 'CDghpRrTtuU', long: ['--user', '--group', '--host', '--prompt', '--chdir'] },
  'systemd-run': { valued: 'pEuHMC', long: ['--unit', '--property', '--uid', '--gid', '--slice', '--setenv', '--machine', '--working-directory'] },
  taskset: { valued: '', operands: 1 },
  time: { valued: 'fo' },
  timelimit: { valued: 'tTsS' },
  timeout: { valued: 'ks', long: ['--signal', '--kill-after'], operands: 1 },
  tini: { valued: 'pe' },
  'docker-init': { valued: 'pe' },
  unshare: { valued: 'SGRw', long: ['--setuid', '--setgid', '--root', '--wd'] },
  valgrind: { valued: '' },
  watch: { valued: 'nq', long: ['--interval'], joins: true },
  xargs: { valued: 'adEILnPs', long: ['--arg-file', '--delimiter', '--max-args', '--max-procs', '--max-lines'] },
  'xvfb-run': { valued: 'efnpsw' }
}

/** One file with many tools in it: its first operand is one of them, and need not be a file of its own. */
export const MULTI_CALL: ReadonlySet<string> = new Set(['busybox', 'toybox'])

/** The dynamic loader starts the file that it is given. */
export const LOADER = /^ld(?:-linux|-musl)?[\w.-]*\.so/

/** They start programs elsewhere: in another container, machine or file system. */
export const ELSEWHERE: ReadonlySet<string> = new Set(
  'ansible crictl ctr docker kubectl lxc-attach lxc machinectl nerdctl oc pdsh podman rsh runc ssh systemd-nspawn virsh'.split(' ')
)

/** Their operands name programs, units or packages, and start none. */
export const NAMING: ReadonlySet<string> = new Set('apropos apt-mark debsums faillock info man systemd-analyze update-alternatives whatis'.split(' '))

/** Tools by which profiles ask; where an unknown program is given one, it starts it. Names that are also plain words or services are left out. */
export const ASKING: ReadonlySet<string> = new Set(
  (
    'apk auditctl awk cqlsh crontab curl db2 dnf dpkg dpkg-query egrep fgrep findmnt firewall-cmd gawk getcap getenforce getent getfacl grep ip6tables iptables isql ' +
    'journalctl lsattr lsblk lsmod lsof mariadb modprobe mongo mongosh mysql mysqladmin netstat nft openssl pg_isready pgrep pidof psql redis-cli rpm sed semanage ' +
    'sestatus sqlcl sqlcmd sqlite3 sqlplus ss sysctl systemctl timedatectl ufw yum zypper'
  ).split(' ')
)
