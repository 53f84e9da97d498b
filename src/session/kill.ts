/** The shell of a session inside its target: enough to find it again, also after our own process has died. */
export interface ShellProcess {
  readonly pid: number
  /** Field 22 of /proc/PID/stat (clock ticks since boot): another process with the same pid has another. */
  readonly start: string
}

/**
 * Shell code that ends what a session's command left running, by builtins alone (the target may lack `ps`, `readlink`, `pkill`).
 * It kills (a) the descendants of the session's shell that do not hold the status pipe as descriptor 5 and (b) whoever else writes to a pipe
 * that our two readers read. Our own processes then come to their end by themselves and are reaped; with `session` they are killed too. Exit 3: no such
 * session.
 */
export const killScript = ({ pid, start }: ShellProcess, whom: 'command' | 'session' = 'command'): string => `
fields() { read -r line <"/proc/$1/stat" || return 1; set -- \${line##*) }; parent=$2; begun=\${20}; }
fields ${pid} && [ "$begun" = ${start} ] || exit 3
ours=" ${pid} "; more=1
while [ "$more" = 1 ]; do
  more=0
  for d in /proc/[0-9]*; do
    n=\${d#/proc/}
    case $ours in *" $n "*) continue;; esac
    fields "$n" || continue
    case $ours in *" $parent "*) ours="$ours$n "; more=1; [ "$parent" = ${pid} ] && top=$n;; esac
  done
done
[ -n "$top" ] || ${whom === 'session' ? `{ kill -9 ${pid}; exit 0; }` : 'exit 0'}
readers=
for n in $ours; do
  [ "/proc/$n/fd/5" -ef "/proc/$top/fd/5" ] || continue
  { [ "/proc/$n/fd/1" -ef "/proc/${pid}/fd/3" ] || [ "/proc/$n/fd/1" -ef "/proc/${pid}/fd/4" ]; } && [ -p "/proc/$n/fd/0" ] && readers="$readers $n"
done
for n in $ours; do
  [ "$n" = ${pid} ] || [ "/proc/$n/fd/5" -ef "/proc/$top/fd/5" ] || kill -9 "$n"
done
for d in /proc/[0-9]*; do
  n=\${d#/proc/}
  case $ours in *" $n "*) continue;; esac
  for r in $readers; do
    if [ "$d/fd/1" -ef "/proc/$r/fd/0" ] || [ "$d/fd/2" -ef "/proc/$r/fd/0" ]; then kill -9 "$n"; break; fi
  done
done
${whom === 'session' ? 'for n in $ours; do kill -9 "$n"; done; ' : ''}exit 0
`
