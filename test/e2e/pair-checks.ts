import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

/** A resource of InSpec in Ruby, and matchers on it; each is asked as it is and denied, so that both outcomes come. */
interface Subject {
  readonly resource: string
  readonly matchers: readonly string[]
  /** It tells of what runs, not of what the image holds. */
  readonly live?: boolean
}

const filesIn = (root: string, folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length))
    .toSorted()

const names = (root: string, path: string): string[] =>
  readFileSync(join(root, path), 'utf8')
    .split('\n')
    .flatMap((line) => line.match(/^[^:#\s]+(?=:)/)?.slice(0, 1) ?? [])

const packagesOf = (root: string): string[] =>
  [...readFileSync(join(root, 'var/lib/dpkg/status'), 'utf8').matchAll(/^Package: (\S+)$/gm)].map(([, name]) => name ?? '')

const word = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/** Subjects for all that a root folder holds. */
const subjectsOf = (root: string): Subject[] => [
  ...filesIn(root, '/etc')
    .slice(0, 60)
    .map((path) => ({
      resource: `file(${word(path)})`,
      matchers: ['exist', 'be_file', "be_owned_by 'root'", 'be_readable.by("others")', 'be_mode 0o644', 'be_more_permissive_than("0640")']
    })),
  ...filesIn(root, '/etc')
    .slice(0, 20)
    .map((path) => ({
      resource: `file(${word(path)})`,
      matchers: [`have_attributes(size: ${statSync(join(root, path)).size})`, 'have_attributes(content: /root/)']
    })),
  ...names(root, 'etc/passwd').map((name) => ({
    resource: `user(${word(name)})`,
    matchers: ['exist', 'have_attributes(uid: 0)', "have_attributes(shell: '/usr/sbin/nologin')"]
  })),
  ...names(root, 'etc/group')
    .slice(0, 20)
    .map((name) => ({ resource: `group(${word(name)})`, matchers: ['exist', 'have_attributes(gid: 0)'] })),
  ...packagesOf(root)
    .slice(0, 40)
    .map((name) => ({ resource: `package(${word(name)})`, matchers: ['be_installed', "have_attributes(version: '1.0')"] })),
  ...['telnetd', 'nis', 'rsh-server'].map((name) => ({ resource: `package(${word(name)})`, matchers: ['be_installed'] })),
  { resource: 'packages(/^lib/)', matchers: ['exist', 'have_attributes(statuses: ["installed"])'] },
  { resource: 'packages(/^nosuch/)', matchers: ['exist'] },
  ...['root', 'daemon', 'nobody', 'nosuch'].map((name) => ({ resource: `passwd.users(${word(name)})`, matchers: ['exist', 'have_attributes(uids: ["0"])'] })),
  { resource: 'etc_group.where(gid: 0)', matchers: ['exist', 'have_attributes(groups: ["root"])'] },
  { resource: "etc_group.where(name: 'nosuch')", matchers: ['exist'] },
  { resource: 'login_defs', matchers: ['have_attributes(UMASK: "022")', 'have_attributes(PASS_MAX_DAYS: "99999")', 'have_attributes(ENCRYPT_METHOD: "DES")'] },
  { resource: "ini('/etc/pair.ini')", matchers: ['have_attributes(params: include("main"))', "have_attributes(value: 'x')"] },
  { resource: "json('/etc/pair.json')", matchers: ["have_attributes(params: include('a' => 1))", "have_attributes(params: include('b' => [true, nil]))"] },
  { resource: "yaml('/etc/pair.yaml')", matchers: ["have_attributes(params: include('a' => 1))", "have_attributes(params: include('c' => 'd'))"] },
  { resource: "parse_config_file('/etc/sysctl.conf')", matchers: ['have_attributes(params: {})'] },
  { resource: "crontab(path: '/etc/pair.crontab')", matchers: ["have_attributes(commands: include('/bin/true'))", 'have_attributes(minutes: ["*"])'] },
  { resource: 'os', matchers: ['be_linux', 'be_debian', 'be_windows', "have_attributes(name: 'debian')", "have_attributes(release: '12.0')"] },
  { resource: "os_env('HOME')", matchers: ["have_attributes(content: '/home/nonroot')", "have_attributes(content: '')"] },
  { resource: "os_env('NOSUCH')", matchers: ['have_attributes(content: nil)'] },
  { resource: "etc_hosts.where(primary_name: 'localhost')", matchers: ['exist'] },
  { resource: "directory('/etc')", matchers: ['exist', 'be_directory', "be_owned_by 'daemon'"] },
  { resource: "directory('/nosuch')", matchers: ['exist'] },
  { resource: 'virtualization', matchers: ["have_attributes(system: 'docker')", "have_attributes(role: 'guest')"] },
  ...[
    "grep -c ':' /etc/passwd",
    "awk -F: '$3 == 0 {print $1}' /etc/passwd",
    'cut -d: -f1 /etc/group | sort | uniq -d',
    'find /etc -type f -perm -0002 2>/dev/null | sort',
    "stat -c '%a %U' /etc/shadow",
    'getent passwd root',
    'id',
    'sh -c "type nosuch"',
    'which nosuch',
    'grep -rhs PASS /etc/login.defs | head -n 3',
    'ls -l /etc/cron.daily | wc -l',
    'cat /etc/os-release; false',
    "sed -n '1,3p' /etc/services",
    "dpkg-query -W -f '${Package} ${db:Status-Status}\\n' | sort | head -n 20",
    'md5sum /etc/services',
    'head -c 100 /etc/services | od -An -tx1',
    'readlink -f /etc/pair.link; basename /a/b',
    'test -e /etc/pair.ini && echo there'
  ].map((line) => ({
    resource: `command(${word(line)})`,
    matchers: ['have_attributes(exit_status: 0)', "have_attributes(stdout: '')", "have_attributes(stderr: '')"]
  })),
  ...['app', 'nosuch'].map((name) => ({ resource: `processes(${word(name)})`, matchers: ['exist', 'have_attributes(users: ["nonroot"])'], live: true })),
  { resource: 'port(80)', matchers: ['be_listening'], live: true },
  { resource: 'port(7070)', matchers: ['be_listening'], live: true },
  ...['/', '/proc', '/nosuch'].map((path) => ({ resource: `mount(${word(path)})`, matchers: ['be_mounted', "have_attributes(type: 'proc')"], live: true })),
  ...['net.ipv4.ip_forward', 'kernel.randomize_va_space'].map((name) => ({
    resource: `command('cat /proc/sys/${name.replaceAll('.', '/')}')`,
    matchers: ['have_attributes(stdout: /2/)'],
    live: true
  }))
]

/** A profile that asks all of it; a control for each subject. `live` ones are left out on demand. */
export const pairProfile = (root: string, { live }: { live: boolean }): string =>
  subjectsOf(root)
    .map((subject, index) => ({ ...subject, id: `pair-${index}` }))
    .filter((subject) => live || subject.live !== true)
    .map(({ id, resource, matchers }) => {
      const lines = matchers.flatMap((matcher) => [`    it { should ${matcher} }`, `    it { should_not ${matcher} }`])
      return `control '${id}' do\n  describe ${resource} do\n${lines.join('\n')}\n  end\nend\n`
    })
    .join('\n')
