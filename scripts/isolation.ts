// The table of docs/security.md that says what each isolation of the auditor holds. test/integration/isolation.test.ts and test/kind/isolation.kind.ts attack each for real and hold it to this.

/** stops: the attack was refused. open: it was had. none: there is nothing to attack. */
export type Came = 'stops' | 'open' | 'none'

/** Where the attacks run: in bubblewrap or namespaces, by root and by another user; as another user, by root; without isolation; in a container that Docker starts without privileges. */
export const WAYS = {
  apart: '`bwrap`, `namespaces`',
  user: '`user`',
  none: '`none`',
  container: 'in a container without privileges: root, `auto` → `user`',
  containerUser: 'the same: another user, `auto` → `none`'
} as const
export type Way = keyof typeof WAYS

interface Row {
  readonly what: string
  readonly came: Readonly<Record<Way, Came>>
}

const row = (what: string, [apart, user, none]: readonly [Came, Came, Came]): Row => ({
  what,
  came: { apart, user, none, container: user, containerUser: none }
})

/** By the name that test/support/isolation/attacks.rb gives the attack. */
export const ATTACKS: Readonly<Record<string, Row>> = {
  environ: row('reads the environment of kscan and of what started it', ['stops', 'stops', 'open']),
  memory: row('opens the memory of kscan', ['stops', 'stops', 'open']),
  ptrace: row('traces (ptrace) another process of the user', ['stops', 'stops', 'open']),
  kill: row('ends another process of the user', ['stops', 'stops', 'open']),
  kubeconfig: row('reads the kubeconfig', ['stops', 'stops', 'open']),
  journal: row('reads or writes a journal', ['stops', 'stops', 'open']),
  target: row('reads the folder of another container of the run', ['stops', 'stops', 'open']),
  run: row('reads the folder of another run', ['stops', 'stops', 'open']),
  socket: row("connects to another run's socket", ['stops', 'stops', 'open']),
  cache: row('writes into the cache of tools', ['stops', 'stops', 'open']),
  dist: row('writes into kscan itself', ['stops', 'stops', 'open']),
  checkout: row('reads a file that its owner alone may read', ['stops', 'stops', 'open']),
  public: row('reads a file that all users may read', ['stops', 'open', 'open']),
  abstract: row('connects to an abstract socket', ['stops', 'open', 'open']),
  network: row('connects to a port of this machine, to the network', ['stops', 'open', 'open']),
  rights: row('gets rights by a program that has some (su, sudo)', ['stops', 'stops', 'open']),
  mounts: row('undoes what hides the rest of the machine', ['stops', 'none', 'none']),
  bomb: row('starts processes without end', ['stops', 'stops', 'open']),
  outlive: row('leaves processes behind', ['stops', 'stops', 'open']),
  file: row('writes a file of 2 GiB', ['stops', 'stops', 'stops']),
  space: row('takes 5 GiB of memory in one process', ['stops', 'stops', 'stops']),
  processor: row('computes without end', ['stops', 'stops', 'stops'])
}

const SHOWN: Readonly<Record<Came, string>> = { stops: 'stopped', open: '**open**', none: '–' }

/** As Markdown. */
export const isolationTable = (): string => {
  const ways = Object.keys(WAYS).filter((way): way is Way => way in WAYS)
  const head = [`| a hostile profile | ${ways.map((way) => WAYS[way]).join(' | ')} |`, `| --- |${' --- |'.repeat(ways.length)}`]
  return [...head, ...Object.values(ATTACKS).map(({ what, came }) => `| ${what} | ${ways.map((way) => SHOWN[came[way]]).join(' | ')} |`)].join('\n')
}
