/** The shell of a session inside its target: enough to find it again, also after our own process has died. */
export interface ShellProcess {
  readonly pid: number
  /** Field 22 of /proc/PID/stat (clock ticks since boot): another process with the same pid has another. */
  readonly start: string
}

/**
 * Shell code that ends what a session's command left running, by builtins alone (the target may lack `ps`, `readlink`, `pkill`).
 * It kills (a) the descendants of the session's shell that do not hold the session's input as descriptor 5 and (b) whoever else writes to a pipe that
 * the shell or one of our readers holds. Our own processes then go on by themselves; with `session` they are ended too. Exit 3: no such session.
 *
 * Who is killed while it has children leaves them to the container's process 1, which may never collect them. So a session is first asked to end, which
 * a command that is about to end gets by on, and our own processes are killed last, and only those that do not end with the command.
 */
export const killScript = (shell: ShellProcess, whom: 'command' | 'session' = 'command'): string =>
  whom === 'command'
    ? `${finding(shell)}${killCommand(shell)}exit 0\n`
    : `${finding(shell)}${PAUSE}${ask(shell)}${waitFor(15)}${killCommand(shell)}${waitFor(10)}${killReaders}${waitFor(5)}kill -9 ${shell.pid}\nexit 0\n`

const finding = ({ pid, start }: ShellProcess): string => `
fields() {
  line=; while read -r part; do line="$line $part"; done <"/proc/$1/stat"
  set -- \${line##*) }; parent=$2; begun=\${20}; [ -n "$begun" ]
}
there() { fields ${pid} && [ "$begun" = ${start} ]; }
there || exit 3
`

const killCommand = ({ pid }: ShellProcess): string => `
ours=" ${pid} "; more=1
while [ "$more" = 1 ]; do
  more=0
  for d in /proc/[0-9]*; do
    n=\${d#/proc/}
    case $ours in *" $n "*) continue;; esac
    fields "$n" || continue
    case $ours in *" $parent "*) ours="$ours$n "; more=1;; esac
  done
done
pipes=; readers=
for n in $ours; do
  if [ "$n" = ${pid} ] || [ "/proc/$n/fd/5" -ef "/proc/${pid}/fd/0" ]; then
    [ "$n" = ${pid} ] || readers="$n $readers"
    for f in "/proc/$n/fd/"*; do
      [ -p "$f" ] || continue
      for known in 0 3 4; do [ "$f" -ef "/proc/${pid}/fd/$known" ] && continue 2; done
      pipes="$pipes $f"
    done
  else
    kill -9 "$n"
  fi
done
for d in /proc/[0-9]*; do
  case $ours in *" \${d#/proc/} "*) continue;; esac
  for f in $pipes; do
    if [ "$d/fd/1" -ef "$f" ] || [ "$d/fd/2" -ef "$f" ]; then kill -9 "\${d#/proc/}"; break; fi
  done
done
`

/** Some time passes, without `sleep` too. */
const PAUSE = 'pause() { sleep 0.02 || for i in 1 2 3 4 5 6 7 8 9; do for d in /proc/[0-9]*; do fields "${d#/proc/}"; done; done; }\n'

/** The shell of the fast loop, which holds the writing end of a pipe as descriptor 8, heeds the signal; the one of the slow loop would leave its child. */
const ask = ({ pid }: ShellProcess): string => `[ ! -p /proc/${pid}/fd/8 ] || kill -15 ${pid}\n`

const waitFor = (pauses: number): string => `left=${pauses}
while there && [ "$left" -gt 0 ]; do left=$((left-1)); pause; done
there || exit 0
`

/** From the last started on, so that each is collected by the one that started it. */
const killReaders = 'for n in $readers; do kill -9 "$n"; pause; done\n'
