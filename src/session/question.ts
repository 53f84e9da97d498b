import type { Path } from '../shell/paths.ts'
import { quoted } from './frame.ts'

/** A tool of busybox or the like need be no file of its own; toybox lists its tools when it is asked for none. */
export const hasProgram = (program: string): string => {
  const [, many, tool = ''] = /^((?:\S*\/)?(?:busy|toy)box) (\w\S*)$/.exec(program) ?? []
  if (many === undefined) return `kscan_has ${word(program)}`
  return `{ kscan_has ${word(many)} && kscan_in ${word(tool)} $(${word(many)}${many.endsWith('busybox') ? ' --list' : ''} 2>/dev/null); }`
}

/**
 * Shell functions for a session's `inspect`, by builtins alone. A lent shell answers `command -v` for the target; its own tools are in the folder that
 * `KSCAN_TOOLS` names, and stand in for programs that are named in the usual folders and are not there.
 */
export const FUNCTIONS =
  'kscan_offers() { case ${KSCAN_TOOLS-} in */kscan/bin) [ -x "$KSCAN_TOOLS/${1##*/}" ];; *) return 1;; esac; }; ' +
  'kscan_lent() { case ${1%/*} in /bin | /sbin | /usr/bin | /usr/sbin) [ ! -e "$1" ] && kscan_offers "$1";; *) return 1;; esac; }; ' +
  'kscan_has() { case $1 in */*) [ -x "$1" ] || kscan_lent "$1";; *) kscan_w=$(command -v "$1") && case $kscan_w in /*) [ -x "$kscan_w" ];; esac || kscan_offers "$1";; esac >/dev/null 2>&1; }; ' +
  'kscan_in() { kscan_w=$1; shift; for kscan_i; do [ "$kscan_i" != "$kscan_w" ] || return 0; done; return 1; }; ' +
  'kscan_sees() { if [ -d "$1" ]; then [ -r "$1" ] && [ -x "$1" ]; elif [ -e "$1" ]; then [ -r "$1" ]; else kscan_absent "$1"; fi; }; ' +
  'kscan_opens() { if [ -d "$1" ]; then [ -r "$1" ] && [ -x "$1" ]; else [ -e "$1" ] || kscan_absent "$1"; fi; }; ' +
  'kscan_knows() { [ -e "$1" ] || kscan_absent "$1"; }; ' +
  'kscan_lists() { [ ! -d "$1" ] || [ -r "$1" ]; }; '

/** One word of a line of shell code. */
export const word = (text: string): string => quoted(Buffer.from(text)).toString()

/**
 * Of a pattern, all that it finds is asked for, and whether it could find all: the folder before each part with a sign in it must be readable, what such a
 * part finds must be searchable.
 */
export const sees = ({ text, glob }: Path, ask: 'kscan_sees' | 'kscan_opens' | 'kscan_knows'): string => {
  if (!glob) return `${ask} ${word(text)}`
  const parts = text.split('/')
  const checks = parts.flatMap((part, index) => {
    if (!SIGNS.test(part)) return []
    const before = parts.slice(0, index).join('/') || '/'
    const upTo = parts.slice(0, index + 1).join('/')
    const found = index === parts.length - 1 ? `${ask} "$kscan_g"` : 'kscan_knows "$kscan_g/."'
    return [each(before, 'kscan_knows "$kscan_g" && kscan_lists "$kscan_g"'), each(upTo, found)]
  })
  const last = SIGNS.test(parts.at(-1) ?? '') ? [] : [each(text, `${ask} "$kscan_g"`)]
  return [...checks, ...last].join(' && ')
}

const SIGNS = /[*?[]/
const each = (text: string, check: string): string =>
  `{ kscan_all=0; for kscan_g in ${pattern(text)}; do { ${check}; } || kscan_all=1; done; [ $kscan_all = 0 ]; }`

/** A shell pattern: what is not one of its signs, or plain, is quoted. */
const pattern = (text: string): string => text.replaceAll(/[^*?[\]!^\w.:/-]+/g, (part) => word(part))
