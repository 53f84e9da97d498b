import { printableLine } from '../kernel/name.ts'
import type { Lacking } from './evidence.ts'
import { quoted } from './frame.ts'

/** Programs that start and watch services, as the kernel names their processes. */
const MANAGERS: ReadonlySet<string> = new Set(
  (
    'systemd init openrc-init openrc runit runit-init runsvdir runsv s6-svscan s6-supervise svscan supervisord upstart dinit finit shepherd monit procd circusd ' +
    'launchd initng minit perpd nosh per-system-mana service-manager sysvinit'
  ).split(' ')
)

/** Folders of unit files, in which links of what is enabled lie in folders of their own. */
const UNITS = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib'].map((root) => `${root}/systemd/system`)
/** Of the other managers: folders in which a service has a file or folder of its name. */
const SCRIPTS = (
  '/etc/init.d /etc/rc.d/init.d /etc/rc.d /etc/init /etc/sv /etc/service /service /var/service /run/service /run/runit/service /etc/runit/runsvdir/default ' +
  '/etc/s6-overlay/s6-rc.d /etc/services.d /etc/dinit.d /etc/supervisor/conf.d /etc/supervisord.d /etc/supervisor.d /etc/xinetd.d /etc/monit/conf.d'
).split(' ')
/** Folders of folders of links. */
const LINKS = ['/etc/runlevels', '/etc/rc.d', '/etc']

/**
 * Code for a session's `inspect`, by builtins alone: prints what processes there are, which folders may not be read, and files that belong to a service of
 * each name. Needs the functions of `look.ts`.
 */
export const servicesCode = (names: readonly string[]): Buffer => {
  const closed = [...UNITS, ...SCRIPTS].map((folder) => `kscan_opens ${folder} || echo "closed ${folder}"; `).join('')
  const deeper = [...UNITS, '/etc/runlevels'].map((folder) => `${folder}/*/`).join(' ')
  return Buffer.from(
    `while read -r kscan_l; do case $kscan_l in "proc /proc "*hidepid=[!0o]*) echo hidden;; esac; done </proc/self/mounts || echo hidden; ` +
      `if read -r kscan_c </proc/1/comm; then echo "first $kscan_c"; fi; ` +
      `for kscan_d in /proc/[0-9]*; do if read -r kscan_c <"$kscan_d/comm"; then echo "process $kscan_c"; kscan_a=; ` +
      `IFS= read -r kscan_a <"$kscan_d/cmdline"; [ -z "$kscan_a" ] || echo "arguments $kscan_a"; elif [ -d "$kscan_d" ]; then echo hidden; fi; done; ` +
      `${closed}for kscan_d in ${deeper}; do [ ! -d "$kscan_d" ] || { [ -r "$kscan_d" ] && [ -x "$kscan_d" ]; } || echo "closed $kscan_d"; done; ` +
      names
        .map((name, index) => `for kscan_f in ${placesOf(name)}; do { [ ! -e "$kscan_f" ] && [ ! -L "$kscan_f" ]; } || echo "file ${index} $kscan_f"; done; `)
        .join('') +
      'echo end'
  )
}

/** Where files and links of a service are, as patterns of the shell. */
const placesOf = (name: string): string => {
  const [plain, template] = namesOf(name).map((each) => quoted(Buffer.from(each)).toString())
  return [
    ...UNITS.flatMap((folder) => [
      `${folder}/${plain}`,
      `${folder}/${plain}.*`,
      `${folder}/${template}@*`,
      `${folder}/*/${plain}.*`,
      `${folder}/*/${template}@*`
    ]),
    ...SCRIPTS.flatMap((folder) => [`${folder}/${plain}`, `${folder}/${plain}.*`]),
    ...LINKS.flatMap((folder) => [`${folder}/*/${plain}`, `${folder}/rc*.d/[SK][0-9][0-9]${plain}`])
  ].join(' ')
}

/** Without what systemd adds to a name, and without its instance. */
const namesOf = (name: string): [plain: string, template: string] => {
  const plain = name.replace(/\.(?:service|socket|timer|path|target|mount)$/, '')
  return [plain, plain.replace(/@.*$/, '')]
}

/** What is known of services without a service manager's word. */
export interface Services {
  /** Why the absence of that one cannot be told; undefined: it is told, and `ground` says by what. */
  readonly against: (name: string) => string | undefined
  /** A process of that name runs, and no service manager. */
  readonly runsAlone: (name: string) => boolean
  readonly ground: string
}

/** Reads what `servicesCode` printed; undefined when it did not end. `live`: beside it run the target's processes. */
export const readServices = (stdout: string, { names, live }: { names: readonly string[]; live: boolean }): Services | undefined => {
  const lines = stdout.split('\n').filter((line) => line !== '')
  if (lines.at(-1) !== 'end') return undefined
  const after = (word: string): string[] => lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))
  const [first] = after('first')
  const processes = after('process')
  const manager = [first ?? '', ...processes].find((each) => MANAGERS.has(each))
  const texts = [...processes, ...after('arguments')]
  const unknown = live
    ? unseen({ first, closed: after('closed')[0], hidden: lines.includes('hidden') })
    : 'the processes of the running pod cannot be seen from a pod of its image'
  const runs = (name: string): boolean => texts.some((each) => isNamed(namesOf(name)[1], each))
  const files = new Map(after('file').map((line) => [names[Number(/^\d+/.exec(line)?.[0])] ?? '', line.replace(/^\d+ /, '')]))
  return {
    against: (name) => {
      const file = files.get(name)
      if (manager !== undefined) return `the service manager ${manager} runs`
      if (unknown !== undefined) return unknown
      if (file !== undefined) return `${shown(file)} is there`
      return runs(name) ? `a process named as ${shown(name)} runs` : undefined
    },
    runsAlone: (name) => manager === undefined && runs(name),
    ground: `process 1 is ${shown(first ?? '')}, no service manager runs, and no process, unit file, init script or link has that name`
  }
}

const shown = (text: string): string => printableLine(text, 120)

const unseen = ({ first, closed, hidden }: { first: string | undefined; closed: string | undefined; hidden: boolean }): string | undefined => {
  if (first === undefined || hidden) return 'not all processes can be seen by this user'
  return closed === undefined ? undefined : `${shown(closed)} cannot be read by this user`
}

/** `telnet` and `in.telnetd`, `sshd` and `/usr/sbin/sshd -D`, `ssh` and `sshd`, `isc-dhcpd` and `dhcpd`. */
const isNamed = (name: string, process: string): boolean => {
  if (process.includes(name)) return true
  const rest = name.startsWith(process) ? name.slice(process.length) : undefined
  return process.length > 1 && (rest === 'd' || /^[-_.@\d]/.test(rest ?? '') || (name.endsWith(process) && /[-_.]/.test(name.at(-process.length - 1) ?? '')))
}

/** Commands by which the resource asks System V's scripts, and says "none" without their word where the name is in no list, or its script failed. */
export const saysNone = (text: string, { status, stdout }: { readonly status: number; readonly stdout: string }, name: string): boolean =>
  /^ls -1 \/etc\/init\.d\/$/.test(text) ? !stdout.split('\n').includes(name) : status !== 0

/** The lack of a service that nobody can tell of. */
export const alone = (name: string): Lacking => ({
  cause: `service:${shown(name)}`,
  text: `a process named as ${shown(name)} runs, and no service manager that says whether it is the service`
})
