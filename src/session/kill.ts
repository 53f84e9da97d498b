/** The shell of a session inside its target: enough to find it again, also after our own process has died. */
export interface ShellProcess {
  readonly pid: number
  /** Field 22 of /proc/PID/stat (clock ticks since boot): another process with the same pid has another. */
  readonly start: string
}

/**
 * Shell code that ends what a session's command left running, by builtins alone (the target may lack `ps`, `readlink`, `pkill`).
 * It kills (a) the descendants of the session's shell that do not hold the session's input as descriptor 5 and (b) whoever else writes to a pipe that
 * the shell or one of our readers holds. Our own processes then go on by themselves; with `session` they are killed too. Exit 3: no such session.
 */
export const killScript = ({ pid, start }: ShellProcess, whom: 'command' | 'session' = 'command'): string => `
fields() {
  line=; while read -r part; do line="$line $part"; done <"/proc/$1/stat"
  set -- \${line##*) }; parent=$2; begun=\${20}; [ -n "$begun" ]
}
fields ${pid} && [ "$begun" = ${start} ] || exit 3
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
pipes=
for n in $ours; do
  if [ "$n" = ${pid} ] || [ "/proc/$n/fd/5" -ef "/proc/${pid}/fd/0" ]; then
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
${whom === 'session' ? 'for n in $ours; do kill -9 "$n"; done; ' : ''}exit 0
`
