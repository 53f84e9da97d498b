/** Commands that break naive transports. Each is run through a session and, by argv, as `sh -c COMMAND`: stdout, stderr and status must be equal. */
const big = 'x'.repeat(100 * 1024 - 20)

const quoting = [
  `echo 'single' "double" plain`,
  `echo "it's"`,
  `echo 'a'\\''b'`,
  `echo "\\$HOME" '$HOME' "$HOME"`,
  'echo `echo back`',
  'echo $(echo sub "$(echo nested)")',
  'echo a\\ b\\\\c',
  `printf '%s\\n' "a  b" c`,
  `awk 'BEGIN { print "$1", "\\"" }' 2>/dev/null || echo no awk`,
  `echo '"'"'"'"`,
  `echo "a;b|c&d<e>f(g)h{i}j"`,
  `echo *`,
  `echo '*' "?" [a]`,
  `echo ~ ~root`,
  `echo !! !x`,
  `echo $'a\\tb'`,
  `echo "-n"`,
  `echo -n no newline`,
  `echo -e 'a\\nb'`,
  `printf '%b' 'a\\0101b'`,
  `set -- a "b c" d; echo $# "$2"`,
  `IFS=:; x=a:b:c; echo $x`,
  `echo "é ü 漢字 🎉"`,
  `echo a; # a comment at the end`,
  `# only a comment`,
  ``,
  ` `,
  `:`,
  `true`,
  `false`,
  `! true`
]

const lines = [
  'echo one\necho two\n\necho three',
  'echo one \\\n two',
  'cat <<EOF\nhere $HOME `echo doc`\nEOF',
  "cat <<'EOF'\nhere $HOME `raw`\nEOF",
  'cat <<-EOF\n\ttabs\n\tgone\nEOF',
  'cat <<A; cat <<B\na\nA\nb\nB',
  'for i in 1 2 3; do\n echo $i\ndone',
  'f() {\n echo in f "$1"\n return 4\n}\nf x; echo $?',
  'case x in\n x) echo matched;;\nesac',
  'echo a\r\necho b',
  'if true; then echo yes; fi;',
  'echo end\n',
  '\n\necho begin',
  'while read l; do echo "<$l>"; done <<E\na b\nc\nE'
]

const bytes = [
  `printf 'no final newline'`,
  `printf 'a\\r\\nb\\r\\n'`,
  `printf '\\033[31mred\\033[0m\\n'`,
  `printf '\\000\\001\\002\\377'`,
  `printf 'a\\000b\\000'`,
  `printf '\\303\\050 invalid\\n'`,
  `printf '  leading and trailing  \\n\\n\\n'`,
  `printf '\\n\\n\\n'`,
  `printf '\\t\\013\\014'`,
  `head -c 70000 /dev/zero`,
  `head -c 5242880 /dev/zero | tr '\\000' y`,
  `i=0; while [ $i -lt 2000 ]; do echo line $i; echo error $i >&2; i=$((i+1)); done`,
  `printf '%s' '${'z'.repeat(40000)}'`,
  `cat /bin/ls 2>/dev/null || cat /bin/busybox`,
  `printf 'to stdout'; printf 'to stderr' >&2`,
  `printf 'x' >&2`,
  `echo ${big}`,
  `printf '%s' ${big} | wc -c`,
  Buffer.concat([Buffer.from(`printf '%s\\n' '`), Buffer.from([0xc3, 0x28, 0xff, 0xfe]), Buffer.from(`' | od -c`)])
]

const input = [
  'cat',
  'head -1',
  'read x; echo "<$x>" $?',
  'wc -c',
  'sh',
  'cat -',
  'while read l; do echo $l; done',
  'cat </dev/stdin',
  'exec cat',
  'sort',
  '[ -t 0 ] && echo tty || echo no tty'
]

const broken = [
  `echo 'unclosed`,
  `echo "unclosed`,
  'echo `unclosed',
  'echo $(unclosed',
  'if true',
  'fi',
  ')',
  '}',
  '{ echo a',
  'cat <<EOF\nnever ended',
  ';;',
  '|',
  'echo a &&',
  'nosuchcommand',
  'nosuchcommand 2>/dev/null | wc -l',
  '/etc/passwd',
  '/nosuch/path',
  '/',
  'cd /nosuch',
  '. /nosuch',
  'echo ${x?is not set}',
  'echo ${bad!subst}',
  'exec nosuch',
  'exec /etc/passwd'
]

const control = [
  'exit 3',
  'exit 0; echo never',
  'exit 255',
  'exit 256',
  'echo a; exit 7',
  'exec echo replaced',
  'exec sh -c "exit 9"',
  'set -e; false; echo never',
  'set -u; echo $nosuchvariable; echo never',
  'set -x; echo traced',
  'set -f; echo *',
  'trap "echo trapped" EXIT; echo body',
  'trap "echo term" TERM; kill -TERM $$; echo after',
  'trap "" TERM; kill -TERM $$; echo survived',
  'kill -9 $$',
  'kill -TERM $$',
  'kill -INT $$',
  'kill -PIPE $$',
  'kill 0',
  'sh -c "kill -9 \\$\\$"; echo $?',
  '(kill -9 $$)',
  'return 5',
  'false | true; echo $?',
  'true | false',
  '(exit 42)',
  'sleep 0.2 2>/dev/null || sleep 1; echo slept',
  'wait; echo waited',
  'exec >&-; echo lost',
  'exec 2>&-; echo kept; nosuch',
  'exec </dev/null; cat',
  'exec 1>&2; echo moved',
  'exec 2>&1; echo a; echo b >&2',
  'echo a >&3',
  'echo a >&4',
  'echo a >&5',
  'echo a >&7',
  'ls /proc/self/fd | wc -l',
  'ulimit -n 20; echo ok'
]

const background = [
  '(sleep 1; echo late) & echo early',
  '(sleep 1; echo late >&2) & echo early',
  '(sleep 1; echo late >&2) >/dev/null & echo early',
  'sleep 1 >/dev/null 2>&1 & echo gone on',
  'sh -c "(sleep 1; echo orphan) & echo parent"',
  '{ echo a; sleep 1; echo b; } | cat',
  '(echo one & echo two & wait) | sort',
  'yes | head -3',
  'yes 2>/dev/null | head -c 100000 | wc -c'
]

const marks = [
  'echo k0123456789abcdef0123456789abcdef:0',
  'echo k0123456789abcdef0123456789abcdef',
  'printf "k%032d:0\\n" 7; printf "k%032d:0\\n" 7 >&2',
  'echo __EXIT_CODE__=0',
  'echo "$r"',
  'r=5; echo $r',
  'echo ":0"; echo ":0" >&2'
]

const leaks = [
  'cd /tmp; umask 077; leaked=1; export leaked; alias ll=ls; set -f; f() { echo leaked; }',
  'pwd; umask; echo "[$leaked]"; echo *; f 2>/dev/null || echo no f',
  'export PATH=/nowhere; trap "echo leaked" EXIT; exec 1>/dev/null',
  'echo $PATH; echo visible',
  'unset PATH HOME; echo done',
  'echo "$HOME $PATH"',
  'env | grep -v -e ^SHLVL -e ^_= | sort',
  'set -o posix 2>/dev/null; set -v; echo x',
  'echo $- | tr -d s',
  'id; groups 2>/dev/null',
  'ls -la /etc | head -5',
  'tty',
  'stty size',
  'stat -c "%a %n" /etc/passwd'
]

export const HOSTILE: readonly (string | Buffer)[] = [...quoting, ...lines, ...bytes, ...input, ...broken, ...control, ...background, ...marks, ...leaks]
