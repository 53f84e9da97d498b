/** Exit status of our code where it cannot be known whether a path is there: a folder on the way may not be searched. */
export const UNSEARCHABLE = 77
/** Exit status of our code where a path is no regular file. */
export const NO_REGULAR_FILE = 66

/**
 * Between texts that may hold any byte but zero. It begins as no part of it ends, so that no text's end makes one with it; of what holds it itself there are
 * too many parts, and it is no answer.
 */
export const SEPARATOR = ':kscan/'

/** What `stat` says of a file: mode in hex, uid, gid, size, seconds since 1970; then the names of owner and group, and the SELinux context. */
const FORMAT = ['%f %u %g %s %Y', '%U', '%G', '%C'].join(SEPARATOR)

/** Word before a last program, which takes the shell's place; a shell whose tools are functions of its own sets it to nothing. */
const LAST = '${kscan_exec-exec}'

/**
 * Whether a path that is not seen is not there, or hidden by a folder that may not be searched: then UNSEARCHABLE. It walks from the path to the deepest
 * folder that is seen, through links too: one whose target is hidden looks like one without.
 */
const ABSENT =
  'kscan_absent() { case $1 in /*) kscan_d=$1;; *) kscan_d=./$1;; esac; kscan_n=0; while :; do ' +
  `if [ -d "\${kscan_d:-/}" ]; then [ -x "\${kscan_d:-/}" ] || return ${UNSEARCHABLE}; return 0; fi; ` +
  'if [ -L "$kscan_d" ]; then kscan_n=$((kscan_n+1)); [ "$kscan_n" -lt 41 ] || return 0; ' +
  `kscan_t=$(readlink -n -- "$kscan_d" && echo .) && kscan_t=\${kscan_t%.} && [ -n "$kscan_t" ] || return ${UNSEARCHABLE}; ` +
  'case $kscan_t in /*) kscan_d=$kscan_t;; *) kscan_d=${kscan_d%/*}/$kscan_t;; esac; continue; fi; ' +
  'case $kscan_d in */*) kscan_d=${kscan_d%/*};; *) return 0;; esac; done; }; '

/**
 * All of a path's metadata, with GNU and busybox tools alike. Of what is no link, stat's words alone: one write, for each one costs on its way. Of a link
 * and of nothing, a line of two yes/no from the shell's own `test` first; of a link then lstat, and after a zero byte each stat, the link's text and where
 * it leads. Its status is stat's own, of a link also readlink's: 127 when it is missing.
 */
const FACTS =
  `kscan_facts() { if [ ! -L "$1" ]; then [ -e "$1" ] || { echo 00; kscan_absent "$1"; exit; }; ${LAST} stat -c '${FORMAT}' -- "$1"; exit; fi; ` +
  `kscan_u=0; if [ -e "$1" ]; then echo 11; else echo 10; kscan_absent "$1" || kscan_u=$?; fi; ` +
  `stat -c '${FORMAT}' -- "$1"; kscan_s=$?; printf '\\0'; stat -L -c '${FORMAT}' -- "$1"; ` +
  `printf '\\0'; readlink -n -- "$1" || kscan_s=$?; printf '\\0'; [ "\${kscan_n:-0}" -gt 40 ] || readlink -f -n -- "$1"; [ $kscan_u = 0 ] || exit $kscan_u; exit $kscan_s; }; `

/** Prints a regular file; NO_REGULAR_FILE for anything else. */
const CONTENT = `kscan_content() { [ -f "$1" ] || { [ -e "$1" ] || kscan_absent "$1" || exit; exit ${NO_REGULAR_FILE}; }; ${LAST} cat -- "$1"; }; `

/** Functions by which a session's `inspect` reads files; each session's shell has them. One line of POSIX shell. */
export const READING = `${ABSENT}${FACTS}${CONTENT}`
