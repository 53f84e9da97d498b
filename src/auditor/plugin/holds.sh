#!/bin/sh
# What an isolation promises is looked at from inside, before anything foreign runs in it: holds.sh KIND PARENT HIDDEN PROGRAM ARGUMENT…
# PARENT is the id of a process outside, HIDDEN a file of the run that nobody is to read. Becomes PROGRAM where all holds, else says what does not.
set -u
kind=$1 parent=$2 hidden=$3
shift 3
fail() {
  echo "it does not hold: $*" >&2
  exit 99
}
state() { grep -q "^$1:[[:space:]]*$2\$" /proc/self/status; }

state CapEff '0*' && state CapBnd '0*' || fail 'rights of root are left'
state NoNewPrivs 1 || fail 'a program could give rights'
[ ! -r "$hidden" ] || fail "$hidden can be read"
if [ "$kind" = user ]; then
  if cat "/proc/$parent/environ" >/dev/null 2>&1; then fail 'the environment of kscan can be read'; fi
else
  [ "$$" -le 2 ] || fail 'other processes are seen'
fi
exec "$@"
