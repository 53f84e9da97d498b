/** What is known of programs by their names: data. A path counts by its last part. */

export const nameOf = (program: string): string => program.slice(program.lastIndexOf('/') + 1)

/** Builtins of every POSIX shell: they are never missing. */
export const BUILTINS: ReadonlySet<string> = new Set(
  (
    ': . [ alias bg break cd command continue echo eval exec exit export false fg getopts hash jobs kill local printf pwd read readonly return set shift test ' +
    'times trap true type ulimit umask unalias unset wait'
  ).split(' ')
)

/** Builtins of bash besides: in its own scripts they are never missing, elsewhere the shell is asked for them. */
export const BUILTINS_OF_BASH: ReadonlySet<string> = new Set(
  'builtin caller declare dirs disown enable help history let logout mapfile popd pushd readarray shopt source typeset'.split(' ')
)

/** They ask whether their operands are there: "no" is the answer. */
export const QUESTIONS: ReadonlySet<string> = new Set(['which', 'type', 'hash', 'whereis'])

/** They say nothing that another side of `||` would say instead. */
export const BENIGN: ReadonlySet<string> = new Set(
  ': true false echo printf exit return continue break test [ [[ date logger sleep rm kill touch tee mail'.split(' ')
)

/** Tools that work on text: two of them joined by `||` ask two questions, not one in two ways. */
export const TEXT_TOOLS: ReadonlySet<string> = new Set(
  'awk cat cut diff egrep fgrep file find gawk grep head ls mawk nawk od sed sort stat strings tail tr uniq wc xargs zcat zgrep'.split(' ')
)

/** Their operands are not read: only what the folder says of them counts, or they are no paths at all. */
export const READ_NOTHING: ReadonlySet<string> = new Set(
  (
    '[ [[ test : true false echo printf pwd exit stat readlink realpath basename dirname chmod chown chgrp mkdir mkfifo mknod mktemp touch rm rmdir ln ' +
    'tr expr seq sleep mount umount mountpoint findmnt df getfacl getcap lsattr namei id groups getent passwd chage useradd usermod userdel groupadd which type ' +
    'hash whereis command dpkg dpkg-query apt apt-get apt-cache rpm yum dnf zypper apk modprobe modinfo lsmod sysctl systemctl service chkconfig ' +
    'update-rc.d kill pkill pgrep pidof killall ps semanage chcon restorecon getenforce sestatus aa-status export unset umask ulimit alias trap read ' +
    'logger uname hostname lastlog tee sqlplus'
  ).split(' ')
)

/** They say whether their operands are there, or what their folder says of them. */
export const LOOKING: ReadonlySet<string> = new Set('[ [[ test stat readlink realpath getfacl getcap lsattr namei mountpoint'.split(' '))

const DPKG = ['/var/lib/dpkg/status']
const RPM = ['/var/lib/rpm', '/usr/lib/sysimage/rpm'].flatMap((folder) => ['rpmdb.sqlite', 'Packages.db', 'Packages'].map((name) => `${folder}/${name}`))
const APK = ['/lib/apk/db/installed', '/usr/lib/apk/db/installed']

/** Files of which a package tool reads one: without any, "not installed" is no answer. */
export const DATABASES: Readonly<Record<string, readonly string[]>> = {
  apk: APK,
  apt: DPKG,
  'apt-cache': DPKG,
  dnf: RPM,
  dpkg: DPKG,
  'dpkg-query': DPKG,
  microdnf: RPM,
  rpm: RPM,
  yum: RPM,
  zypper: RPM
}

/** Letters of options that name a file to write. */
export const WRITES: Readonly<Record<string, string>> = { curl: 'o', sort: 'o', wget: 'O' }

/** Shells: `-c` gives them a script. */
export const SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh', 'su', 'runuser'])

/** A tool whose first operand is what it does. */
export interface Scripted {
  /** Letters of the options that say it instead. */
  readonly script: string
  /** Letters of its options that take a value of their own. */
  readonly valued: string
  /** What it does it reads from a file. */
  readonly file?: boolean
}

const GREP: Scripted = { script: 'ef', valued: 'efmABCdD' }
const AWK: Scripted = { script: 'f', valued: 'Fvf' }
const PYTHON: Scripted = { script: 'cm', valued: 'cm', file: true }

export const SCRIPTED: Readonly<Record<string, Scripted>> = {
  awk: AWK,
  egrep: GREP,
  fgrep: GREP,
  gawk: AWK,
  grep: GREP,
  jq: { script: 'f', valued: 'f' },
  mawk: AWK,
  nawk: AWK,
  perl: { script: 'eE', valued: 'eE', file: true },
  python: PYTHON,
  python3: PYTHON,
  sed: { script: 'ef', valued: 'efl' },
  zgrep: GREP
}
