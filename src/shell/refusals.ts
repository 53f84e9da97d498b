/**
 * Words by which tools say that they did not do what they were asked to, by what kept them: data, one line of stderr each. "No such file", "no match" and
 * "not installed" are answers, and stand nowhere here. They are English: a container whose own locale translates them is not understood.
 */
const REFUSALS: readonly RegExp[] = [
  // how it is called
  /^usage: /i,
  /\b(?:unrecogni[sz]ed|unknown|invalid|illegal|bad|unsupported|undefined|no such|unexpected|ambiguous) (?:-\S+ )?(?:option|argument|predicate|flag|switch|parameter|command|subcommand|shorthand flag|long option)\b/i,
  /\bunrecogni[sz]ed(?: option)?: /i,
  /\b(?:flag|option)s? (?:provided but not defined|not (?:recogni[sz]ed|supported|known))/i,
  /\boption\b.{0,60}\b(?:requires an argument|doesn't allow an argument|is not (?:supported|recogni[sz]ed|known|valid))/i,
  /\bsupport for the -P option is not compiled\b/i,
  /\bunknown (?:user-defined format specifier|gnu long option|operand|operation|action|verb|database|type)\b/i,
  /\b(?:missing operand|extra operand|missing argument|too many arguments|must be specified|paths must precede expression)\b/i,
  /\bapplet not found\b|\bTry '.{1,80} --help'/i,
  /\bsyntax error\b|\bunexpected (?:newline|end|string|token|character)\b|\bis unknown, try\b|\b(?:illegal number|argument expected|integer expression)\b/i,
  /\b(?:unmatched|invalid (?:preceding )?regular expression|missing closing parenthesis|unterminated)\b/i,
  // a server that it asks
  /\bconnection (?:reset|timed out|closed|error|failure|to server .* failed)\b|\bconnection\b.{0,80}\brefused\b|\beconn(?:refused|reset)\b/i,
  /\b(?:could not|can ?not|can't|unable to|failed to) (?:\w+ )?(?:connect|reach|contact|communicate|talk)\b/i,
  /\b(?:could not|couldn't|unable to) (?:resolve|translate host)\b|\bname or service not known\b|\bbad address\b|\btemporary failure in name resolution\b/i,
  /\b(?:no route to host|network is unreachable|host is unreachable|operation timed out|timed out|i\/o timeout|no listener|server closed the connection)\b/i,
  /\bno servers could be reached\b|\bunknown host\b|\bunknown mysql server host\b|\blost connection to\b/i,
  // a right
  /\bpermission denied\b|\boperation not permitted\b|\baccess (?:is )?denied\b|\bnot (?:authori[sz]ed|permitted|allowed)\b|\bunauthori[sz]ed\b/i,
  /\b(?:are you|must be|need to be|be run as|requires?|only) (?:the )?(?:root|super-?user|privileged)\b|\bmust be suid\b|\broot privileges\b/i,
  /\b(?:super-?user|root) (?:privileges|rights|access)\b|\b(?:enough|sufficient|required) privileges?\b|\bmay not view\b|\brequires authentication\b/i,
  /\bfailed switching to\b|\bunknown user\/group\b/i,
  /\bauthentication (?:failed|failure|is required|required)\b|\binteractive authentication\b|\bno password supplied\b|\ba password is required\b|\blogin failed\b/i,
  /\binsufficient (?:privileges?|permissions?)\b|\blogon denied\b|\bpermission problems\b|\bnoauth\b|\bwrongpass\b|\bno pg_hba\.conf entry\b|\brole ".*" does not exist\b|\binvalid username\b/i,
  // what must run
  /\bnot been booted with\b|\b(?:is|are) not running\b|\bnot running\b|\bnot (?:been )?started\b|\bdaemon\b.{0,40}\bnot\b|\bno such (?:daemon|bus)\b/i,
  /\bfailed to get d-?bus\b|\bbus connection\b|\brunning in chroot\b|\bserver (?:is )?(?:down|unavailable|not available)\b|\bmodules? (?:is|are) not loaded\b/i,
  /\bcannot (?:access|find) .{0,60}\bsystem bus\b/i,
  // the system
  /\berror while loading shared libraries\b|\bcannot open shared object\b|\bexec format error\b|\bsegmentation fault\b|\bbus error\b|\baborted\b/i,
  /\bcannot allocate memory\b|\bout of memory\b|\bno space left\b|\binput\/output error\b|\bread-only file system\b|\btoo many open files\b/i,
  /\b(?:operation|protocol|function|address family)\b.{0,20}\bnot (?:supported|implemented)\b|\btable does not exist\b|\bcan't initialize\b|\bdatabase is (?:locked|corrupt)/i
]

/** They tell of errors on stdout. */
export const TELLS_ON_STDOUT: ReadonlySet<string> = new Set('db2 dig host isql nslookup redis-cli sqlcl sqlplus'.split(' '))

/** Statuses of tools that say nothing when they are told to be silent: no server answered. */
export const SILENT_STATUSES: Readonly<Record<string, readonly number[]>> = {
  curl: [1, 2, 3, 4, 5, 6, 7, 27, 28, 35, 47, 52, 55, 56, 58, 59, 60, 67, 77, 97],
  wget: [1, 2, 3, 4, 5, 6, 7]
}

/** What tools and shells say of the place where they start or write, and which keeps them from nothing. */
const HARMLESS = /\bcould not change directory to\b|\brestore initial working directory\b|\/\.(?:bash|profile)\w*: permission denied/i

/** What lies in /proc and /sys is the kernel's: a walk that comes past is not kept from what it looks for. */
const PASSING = /\/(?:proc|sys)\/.*(?:permission denied|operation not permitted)/i

/**
 * The first line of a tool's errors by which it says that it did not do what it was asked to; undefined where none does. `named`: it was asked for what lies
 * in /proc or /sys.
 */
export const refusalIn = (errors: string, named = true): string | undefined =>
  errors.split('\n').find((line) => !HARMLESS.test(line) && (named || !PASSING.test(line)) && REFUSALS.some((pattern) => pattern.test(line)))
