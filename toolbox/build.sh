#!/usr/bin/env bash
# Builds the helper image's file system from Debian's packages, without Docker: build.sh FOLDER [amd64|arm64]. It needs apt, dpkg-deb, readelf, patch, make and a
# C compiler (for arm64: gcc-aarch64-linux-gnu), and leaves the downloaded packages in $KSCAN_TOOLBOX_CACHE (default FOLDER.packages).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "$1" && cd "$1" && pwd)
arch=${2:-$(dpkg --print-architecture)}
case $arch in
  amd64) triplet=x86_64-linux-gnu loader=ld-linux-x86-64.so.2 ;;
  arm64) triplet=aarch64-linux-gnu loader=ld-linux-aarch64.so.1 ;;
  *) echo "expected amd64 or arm64, got $arch" >&2; exit 2 ;;
esac
cc=$triplet-gcc
command -v "$cc" >/dev/null || cc=gcc
packages=$(mkdir -p "${KSCAN_TOOLBOX_CACHE:-$out.packages}" && cd "${KSCAN_TOOLBOX_CACHE:-$out.packages}" && pwd)
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

words() { grep -v '^#' "$1"; }

# The packages and the libraries that they need; nothing of them is installed or run.
download() {
  local wanted
  # Of an architecture that is not this machine's apt names `bash:arm64`, and plainly what is for all.
  wanted=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances \
    $(words "$here/packages.txt" | sed "s/\$/:$arch/") | grep -E "^[a-z0-9][^:]*(:$arch)?\$" | sort -u | grep -E "^lib|^zlib1g(:|\$)|^($(words "$here/packages.txt" | paste -sd'|'))(:|\$)" |
    grep -vE '^libperl|-perl(:|$)|^libpython')
  (cd "$packages" && apt-get -qq -o APT::Sandbox::User=root download $wanted)
  for package in "$packages"/*_{all,"$arch"}.deb; do dpkg-deb -x "$package" "$root"; done
}

place() { # NAME: a program, wherever its package has it
  local name=$1 folder
  for folder in usr/bin bin usr/sbin sbin; do
    [ -e "$root/$folder/$name" ] || continue
    install -m 0555 "$root/$folder/$name" "$out/kscan/libexec/$name"
    return
  done
  echo "no package has the program $name" >&2
  exit 1
}

# What a file needs, and what that needs, from the same packages.
libraries() { # FILE
  local need found
  for need in $(readelf -d "$1" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
    [ "$need" != "$loader" ] && [ ! -e "$out/kscan/lib/$need" ] || continue
    found=$(find "$root/lib" "$root/usr/lib" -name "$need" -print -quit)
    [ -n "$found" ] || { echo "no package has the library $need of $1" >&2; exit 1; }
    install -m 0444 "$(readlink -f "$found")" "$out/kscan/lib/$need"
    libraries "$out/kscan/lib/$need"
  done
}

# Nobody may read it where it is; its copy `fill` reads, to put it into a pod's volume.
unreadable() { # FILE
  install -D -m 0444 "$out/kscan/$1" "$out/kscan/copy/${1##*/}"
  chmod 0111 "$out/kscan/$1"
}

# The loader looks into the target for nothing: each of these texts is replaced by one of the same length
# under /sys, where nobody can put a file.
blind_loader() {
  install -m 0755 "$(readlink -f "$(find "$root/lib" "$root/usr/lib" -name "$loader" -print -quit)")" "$out/kscan/lib/ld.so"
  perl -0777 -pi -e '
    for my $text ("/etc/ld.so.preload\0", "/etc/ld.so.cache\0", "/lib/'"$triplet"'/\0/usr/lib/'"$triplet"'/\0/lib/\0/usr/lib/\0") {
      my $blind = join "\0", map { "/sys/" . (m{/$} ? "/" : ".") x (length() - 5) } split /\0/, $text;
      $blind .= "\0";
      s{\Q$text\E}{$blind}g or die "expected $text in the loader\n";
    }' "$out/kscan/lib/ld.so"
  unreadable lib/ld.so
}

# dash from its Debian source, with the one change that `type` and `command -v` answer for the target alone.
build_dash() {
  local work=$root/build apt
  mkdir -p "$work/lists/partial"
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' | sort -u |
    sed 's#^#deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] #' >"$work/sources.list"
  apt=(apt-get -qq -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/lists" -o APT::Sandbox::User=root)
  "${apt[@]}" update
  (cd "$work" && "${apt[@]}" source --download-only dash && tar -xf dash_*.orig.tar.*)
  (
    cd "$work"/dash-*/
    patch -s -p1 <"$here/dash.patch"
    ./configure --quiet --host="$triplet" CC="$cc" CFLAGS=-Os >/dev/null
    make -s >/dev/null
    install -s --strip-program="$(command -v "$triplet-strip" || echo strip)" -m 0555 src/dash "$out/kscan/libexec/dash"
  )
}

download
rm -rf "$out/kscan"
mkdir -p "$out/kscan"/{bin,lib,libexec,share}
blind_loader
"$cc" -Os -Wall -Wextra -Werror -shared -fPIC -s -o "$out/kscan/lib/guest.so" "$here/guest.c" "$here/unseen.c"
build_dash
for tool in $(words "$here/tools.txt"); do
  [ "$tool" = dash ] || place "$tool"
  libraries "$out/kscan/libexec/$tool"
done
libraries "$out/kscan/lib/guest.so"
install -m 0444 "$here/bash.env" "$here/apk.awk" "$out/kscan/share"
install -D -m 0444 -t "$out/kscan/rpm" "$root"/usr/lib/rpm/{macros,rpmrc} "$root"/usr/lib/rpm/rpmpopt-*
install -m 0444 "$root/usr/lib/file/magic.mgc" "$out/kscan/share/magic.mgc"
"$cc" -Os -Wall -Wextra -Werror -static -s -o "$out/kscan/bin/session" "$here/launcher.c" "$here/session.c" "$here/database.c"
for tool in $(words "$here/tools.txt") apk awk egrep fgrep lsmod modinfo modprobe sh which zcat; do ln "$out/kscan/bin/session" "$out/kscan/bin/$tool"; done
unreadable bin/session
"$cc" -Os -Wall -Wextra -Werror -static -s -o "$out/kscan/bin/hold" "$here/holder.c" "$here/fill.c"
cp "$out/kscan/bin/hold" "$out/kscan/bin/pid"
for name in end ids; do ln "$out/kscan/bin/pid" "$out/kscan/bin/$name"; done
ln "$out/kscan/bin/hold" "$out/kscan/bin/fill"
chmod 0111 "$out/kscan/bin/pid"
(cd "$packages" && sha256sum ./*.deb | sed 's# \./##') >"$out/kscan/share/packages.sha256"
chmod -R go-w "$out"
echo "$(du -sm "$out/kscan" | cut -f1) MB in $out ($arch)"
