#!/bin/sh
# Makes the file system that an isolated program sees, and becomes that program, which cannot change it:
#   isolate.sh ROOT FOLDERS FILES LINKS MOUNTS WRITABLE PROGRAM ARGUMENT…
# It runs in mount and process namespaces of its own. ROOT is an empty folder. FOLDERS and FILES are places to mount on, LINKS are taken over, MOUNTS is an
# fstab of what goes where below ROOT, WRITABLE are the mounts that stay so. One a line; all are data. Whatever fails ends it.
set -euf
umask 022
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin
IFS='
'
here=$PWD root=$1 folders=$2 files=$3 links=$4 mounts=$5 writable=$6
shift 6

mount -n -t tmpfs -o mode=755,nosuid,nodev,noexec,size=4m kscan "$root"
cd "$root"
mkdir tmp
mount -n -t tmpfs -o mode=1777,nosuid,nodev,noexec,size=256m kscan tmp
mkdir -p -- $folders
for file in $files; do : >"$file"; done
cp -P -- $links .
ln -s /proc/self/fd dev/fd
printf '%s\n' "$mounts" >.old/mounts
mount -n -c -a -T "$root/.old/mounts"
: >.old/mounts

pivot_root . .old
cd /
umount -n -l /.old

# The root and what hides a folder could be written so far, and a mount below one of ours came with it as it was.
while IFS=' ' read -r _ _ _ _ place options _; do
  case $options in ro | ro,*) continue ;; esac
  case $place in *\\*) place=$(printf %b "$place") ;; /proc | /dev/*) continue ;; esac
  case "
$writable
" in *"
$place
"*) continue ;; esac
  mount -n -o remount,bind,ro,nosuid,nodev "$place"
done </proc/self/mountinfo

cd "$here" 2>/dev/null || :
unset PWD OLDPWD SHLVL # which a shell adds
exec "$@"
