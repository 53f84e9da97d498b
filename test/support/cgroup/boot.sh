#!/bin/sh
# The first program of a Linux of its own (User-mode Linux), which has a cgroup v2 with all controllers, whatever the machine's own has: boot.sh is its init, and
# `node` and `program` are words of the kernel's command line, which become its environment. Prints a line of JSON for each way in which a cgroup may be had, or not.
export HOME=/run NO_COLOR=1 PATH=/usr/sbin:/usr/bin:/sbin:/bin
groups=/sys/fs/cgroup
mount -t proc proc /proc && mount -t sysfs sys /sys && mount -t tmpfs -o mode=1777 run /run && mount -t cgroup2 cgroup $groups

# By somebody else, in that cgroup.
as() { sh -c 'echo $$ >"$0/cgroup.procs" && exec setpriv --reuid=64321 --regid=64321 --clear-groups -- "$@"' "$@"; }

"$node" "$program" nothing
echo '+memory +pids' >$groups/cgroup.subtree_control
"$node" "$program" all
mkdir -p $groups/given/leaf $groups/other
for each in $groups/given $groups/given/leaf; do chown 64321 $each $each/cgroup.procs $each/cgroup.subtree_control; done
echo '+memory +pids' >$groups/given/cgroup.subtree_control
as $groups/given/leaf "$node" "$program" given
as $groups/other "$node" "$program" foreign
mount -o remount,ro $groups
"$node" "$program" closed
poweroff -f
