#!/bin/sh
# Puts a tree to its place in a mount namespace of its own, and becomes a program of it:
#   at-prefix.sh TREE PLACE PROGRAM ARGUMENT…
# The folder above the place is hidden by an empty one, which takes no right to write there. The program gets no capability.
set -euf
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
tree=$1 place=$2
shift 2
above=${place%/*}
mount -n -t tmpfs -o mode=755,nosuid,nodev kscan "$above"
mkdir "$place"
mount -n --bind "$tree" "$place"
mount -n -o remount,bind,ro,nosuid,nodev "$place"
unset PWD OLDPWD SHLVL # which a shell adds
exec setpriv --inh-caps=-all --ambient-caps=-all --bounding-set=-all --no-new-privs -- "$@"
