/** The shell of a session inside its target: enough to find it again, also after our own process has died. */
export interface ShellProcess {
  readonly pid: number
  /** Field 22 of /proc/PID/stat (clock ticks since boot): another process with the same pid has another. */
  readonly start: string
}

/** Seconds that the script takes at most; our own processes are ended even when the command's could not all be. */
export const KILL_SCRIPT_S = 8
/** Exit codes of the script: there is no such session, and the time was over before all that the command started had been found. */
export const NO_SESSION = 3
export const NOT_ALL = 4

/**
 * Shell code that ends what a session's command left running, by builtins alone (the target may lack `ps`, `readlink`, `pkill`).
 * It kills (a) the descendants of the session's shell that do not hold the session's input as descriptor 5 and (b) whoever else writes to a pipe that
 * the shell or one of our readers holds. Each is stopped when it is found and killed when no more are found, so that they do not grow meanwhile.
 * Our own processes then go on by themselves; with `session` they are ended too.
 *
 * Who is killed while it has children leaves them to the container's process 1, which may never collect them. So a session is first asked to end, which
 * a command that is about to end gets by on, and our own processes are killed last, and only those that do not end with the command.
 */
export const killScript = (shell: ShellProcess, whom: 'command' | 'session' = 'command'): string =>
  whom === 'command'
    ? `${finding(shell)}${killCommand(shell)}${END}`
    : `${finding(shell)}${PAUSE}${ask(shell)}${waitFor(15)}${killCommand(shell)}${waitFor(10)}${killReaders}${waitFor(5)}kill -9 ${shell.pid}\n${END}`

/** The environment of a container may make shells end at any error, or at variables that are not set. */
const finding = ({ pid, start }: ShellProcess): string => `
set +eu
fields() {
  line=; while read -r part; do line="$line $part"; done <"/proc/$1/stat"
  set -- \${line##*) }; state=$1; parent=$2; begun=\${20}; [ -n "$begun" ]
}
there() { fields ${pid} && [ "$begun" = ${start} ]; }
there || exit ${NO_SESSION}
due=; read -r now rest </proc/uptime && due=$((\${now%.*}+${KILL_SCRIPT_S}))
in_time() { [ -z "$due" ] || { read -r now rest </proc/uptime && [ "\${now%.*}" -lt "$due" ]; }; }
`

/**
 * A variable for each process, not lists of them: with thousands, going through a list for each takes minutes. It says `ours` (or of the command), or who
 * the parent is. What somebody who is stopped has started is looked up at once, where the kernel lists children, for a chain may grow faster than all are
 * gone through; and who has started nothing is waited for until he has stopped, for a fork that is under way is not stopped. What has ended has no cwd: there
 * may be thousands that nobody collects.
 */
const killCommand = ({ pid }: ShellProcess): string => `
found() { eval "mark=\\\${found_$1-}"; [ "$mark" = ours ]; }
note() { eval "found_$1=ours"; more=1; }
note ${pid}
held=; for d in /proc/[0-9]*; do
  [ ! "$d/fd/5" -ef "/proc/${pid}/fd/0" ] || held="$held \${d#/proc/}"
done
readers=; while [ "$more" = 1 ]; do
  more=0
  for n in $held; do
    in_time || break 2
    found "$n" && continue
    fields "$n" && found "$parent" || continue
    note "$n"; readers="$n $readers"
  done
done
pipes=; for n in ${pid} $readers; do
  for f in "/proc/$n/fd/"*; do
    [ -p "$f" ] || continue
    for other in "/proc/${pid}/fd/0" "/proc/${pid}/fd/3" "/proc/${pid}/fd/4" $pipes; do [ "$f" -ef "$other" ] && continue 2; done
    pipes="$pipes $f"
  done
done
writes() { for f in $pipes; do if [ "/proc/$1/fd/1" -ef "$f" ] || [ "/proc/$1/fd/2" -ef "$f" ]; then return 0; fi; done; return 1; }
look() {
  while :; do
    state=; fields "$1"
    children=; read -r children <"/proc/$1/task/$1/children"
    if [ "$children" ] || ! in_time; then return 0; fi
    case $state in R|S) ;; *) return 0;; esac
  done
}
theirs=; stop() {
  level=$1; while [ "$level" ]; do
    next=; for n in $level; do
      in_time || return 0
      found "$n" && continue
      note "$n"; kill -19 "$n" || continue
      theirs="$theirs $n"; look "$n"; next="$next $children"
    done
    level=$next
  done
}
for n in ${pid} $readers; do children=; read -r children <"/proc/$n/task/$n/children"; stop "$children"; done
more=1; while [ "$more" = 1 ]; do
  more=0
  for d in /proc/[0-9]*; do
    [ -e "$d/cwd" ] || continue
    in_time || break 2
    n=\${d#/proc/}
    found "$n" && continue
    if [ "$mark" ]; then parent=$mark; else fields "$n" || continue; eval "found_$n=$parent"; if writes "$n"; then stop "$n"; continue; fi; fi
    ! found "$parent" || stop "$n"
  done
done
for n in $theirs; do kill -9 "$n"; done
`

/** Some time passes, without `sleep` too. */
const PAUSE = 'pause() { sleep 0.02 || for i in 1 2 3 4 5 6 7 8 9; do for d in /proc/[0-9]*; do in_time || return 0; fields "${d#/proc/}"; done; done; }\n'

/** The shell of the fast loop, which holds the writing end of a pipe as descriptor 8, heeds the signal; the one of the slow loop would leave its child. */
const ask = ({ pid }: ShellProcess): string => `[ ! -p /proc/${pid}/fd/8 ] || kill -15 ${pid}\n`

const waitFor = (pauses: number): string => `left=${pauses}
while there && [ "$left" -gt 0 ]; do left=$((left-1)); pause; done
there || { in_time || exit ${NOT_ALL}; exit 0; }
`

/** From the last started on, so that each is collected by the one that started it. */
const killReaders = 'for n in $readers; do kill -9 "$n"; ! in_time || pause; done\n'

const END = `in_time || exit ${NOT_ALL}\nexit 0\n`
