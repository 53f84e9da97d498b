/**
 * Commands that resources of InSpec run (those of inspec-core 5), and which of their exits other than 0 are answers: data. Resources read all others as
 * "none", which a tool that refused did not say.
 */
interface Row {
  /** The command's text, from its begin. */
  readonly command: RegExp
  /** Statuses other than 0 that answer, and what must be said with them, on either stream, if that tells. */
  readonly no?: readonly (readonly [status: readonly number[], says?: RegExp])[]
  /** What must be said with 0, where a tool also says 0 to what it does not do. */
  readonly yes?: RegExp
}

const ABSENT = /no such file or directory|cannot access|not a directory/i
const SILENT = /^\s*$/

const ROWS: readonly Row[] = [
  // whether a program is there
  { command: /sh -c ["']?type "/, no: [[[1, 2, 126, 127]]] },
  { command: /which /, no: [[[1]]] },
  // services
  { command: /\S*systemctl is-active /, no: [[[3, 4], SILENT]] },
  { command: /\S*systemctl is-enabled /, no: [[[1, 4], /^\s*$|failed to get unit file state|no such file or directory|does not exist/i]] },
  { command: /\S*systemctl show /, yes: /^[A-Z]\w*=/m },
  { command: /\S*initctl status /, no: [[[1], /unknown job/i]] },
  { command: /\S*service \S+ status$/, no: [[[1, 2, 3, 4]]] },
  { command: /\S*sv status /, no: [[[1], /file does not exist|runsv not running/i]] },
  { command: /ls -1 \/etc\/init\.d\/$/, no: [[[1, 2], ABSENT]] },
  { command: /find \/etc\/rc\*\.d /, no: [[[1], ABSENT]] },
  // processes, ports, network
  { command: /ps --help$/, no: [[[1]]] },
  { command: /ps (?:ww)?ax?o /, yes: /^\s*LABEL\b/ },
  { command: /ps -o /, yes: /^\s*PID\b/ },
  { command: /ss -tulpen/, yes: /^Netid\b/m },
  { command: /netstat -tulpen/, yes: /^Proto\b/m },
  { command: /\S*ip -br /, no: [[[1], /does not exist/i]] },
  { command: /ifconfig /, no: [[[1], /device not found|no such device/i]] },
  { command: /find \/sys\/class\/net\//, no: [[[1], ABSENT]] },
  { command: /ls (?:-1 )?\/sys\/class\/net/, no: [[[1, 2], ABSENT]] },
  { command: /(?:nc|ncat) /, no: [[[1]]] },
  { command: /timeout 1 bash -c /, no: [[[1, 124]]] },
  { command: /ping /, no: [[[1]]] },
  { command: /strings `which bash`/, no: [[[1, 123]]] },
  { command: /dig \+short /, no: [] },
  { command: /curl /, no: [] },
  // firewalls
  { command: /\S*ip6?tables\b.* -S\b/, no: [[[1, 3], /no chain\/target\/match by that name|does not exist/i]] },
  { command: /\S*nft\b.* list /, no: [[[1], ABSENT]] },
  { command: /\S*nft --version$/ },
  { command: /firewall-cmd /, no: [[[1], /^\s*no\s*$/m]] },
  { command: /\S*(?:ipfstat|ipnat) / },
  // kernel
  { command: /\S*sysctl -q -n /, no: [[[1, 255], /no such file or directory|unknown key/i]] },
  { command: /\S*sysctl -a$/ },
  { command: /\S*lsmod$/, no: [[[1], /\/proc\/modules: no such file or directory/i]] },
  { command: /\S*modinfo -F /, no: [[[1], /module \S+ not found|not found in directory|no such file or directory/i]] },
  { command: /\S*modprobe --showconfig$/ },
  { command: /\S*auditctl -[ls]/, no: [[[1], SILENT]] },
  { command: /\S*sestatus$/ },
  { command: /sem(?:odule|anage) / },
  // packages
  { command: /dpkg -s /, no: [[[1], /is not installed/i]] },
  { command: /dpkg-query -W /, no: [[[1], /no packages found/i]] },
  { command: /rpm -qi /, no: [[[1], /is not installed/i]] },
  { command: /rpm -qa / },
  { command: /apk info -vv .*\| grep /, no: [[[1], /^(?:\s*|WARNING.*)$/]] },
  { command: /apk list / },
  { command: /pacman -Qi /, no: [[[1], /was not found/i]] },
  { command: /\S*gem list / },
  { command: /sh -c '(?:cd \S+ && )?npm(?: -g)? ls /, no: [[[1], /"?(?:dependencies|name|version)"?\s*:|^\s*\{\s*\}\s*$|\(empty\)/]] },
  { command: /\S*pip\S* show /, no: [[[1], /package\(s\) not found|^\s*$/i]] },
  { command: /\S*perl -le 'eval /, no: [[[1], SILENT]] },
  { command: /Rscript -e /, no: [[[1], /there is no package called|not found/i]] },
  { command: /yum -v repolist / },
  // accounts and schedules
  { command: /\S*getent (?:passwd|ahosts) /, no: [[[2], SILENT]] },
  { command: /\S*getent group$/, no: [[[1, 2]]] }, // the resource then reads /etc/group itself
  { command: /id (?:-a )?\S+$/, no: [[[1], /no such user|unknown user/i]] },
  { command: /chage -l /, no: [[[1, 3], /does not exist|unknown user/i]] },
  { command: /cut -d: -f1 \/etc\/passwd \| grep / },
  { command: /cat ~\/\.ssh\//, no: [[[1], ABSENT]] },
  { command: /crontab -l/, no: [[[1], /no crontab for|user .* unknown|unknown user|no such file or directory/i]] },
  { command: /su -s \/bin\/sh -c "test /, no: [[[1], /^\s*$|does not exist|unknown user/i]] },
  // files
  { command: /(?:md5|sha256)sum /, no: [[[1], /no such file or directory|is a directory/i]] },
  { command: /sh -c ['"]find /, no: [[[1], ABSENT]] },
  { command: /find \/etc\/apt\/ /, no: [[[1], ABSENT]] },
  { command: /ls -d \S+\/\*\/$/, no: [[[1, 2], ABSENT]] },
  { command: /df \S+ -PT$/, no: [[[1], ABSENT]] },
  { command: /cat \/sys\/class\/dmi\//, no: [[[1], ABSENT]] },
  { command: /hostname(?: -\w)?$/ },
  { command: /\S*zfs get /, no: [[[1], /does not exist/i]] },
  { command: /\S*zpool get /, no: [[[1], /no such pool/i]] },
  { command: /\S*openssl rsa -in .* -check /, no: [[[1], /^(?!.*permission denied)/is]] },
  // containers
  { command: /docker (?:version|info|ps|images|service|plugin) / },
  { command: /docker inspect /, no: [[[1], /no such (?:object|container|image)/i]] },
  { command: /podman (?:version|info|ps|pod ps|images|network ls|volume ls)\b/ },
  { command: /podman (?:\w+ )?inspect /, no: [[[1, 125], /no such|not found|failed to find image|no pod with name/i]] },
  // databases: a query that was not answered is no answer, whatever kept it
  { command: /(?:psql|mysql|mariadb|sqlcmd|cqlsh|sqlplus|mongosh?|isql) / },
  { command: /.*\b(?:sqlplus|sqlcl|isql|db2)\b/ }
]

/** Resources of InSpec run no longer ones; how long a pattern takes grows faster than the text. */
const LONGEST = 4096

/** Whether what a command of a resource came to is known to be an answer, or none; undefined where the command is not known. */
export const isToolAnswer = (command: string, { status, stdout, stderr }: { status: number; stdout: string; stderr: string }): boolean | undefined => {
  if (command.length > LONGEST) return undefined
  const row = ROWS.find(({ command: begin }) => new RegExp(begin, 'y').test(command))
  if (row === undefined) return undefined
  if (status === 0) return row.yes === undefined || row.yes.test(stdout)
  return row.no?.some(([statuses, says]) => statuses.includes(status) && (says === undefined || says.test(`${stdout}${stderr}`))) === true
}
