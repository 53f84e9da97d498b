import type { Command, Pipeline, SyntaxNode } from 'unbash'

/**
 * What not every shell understands, and shell code that fails in a shell that does not, run by `eval` in a subshell. A shell that does not understand it
 * says little or nothing on stdout: that is no answer.
 */
export const FEATURES = {
  '[[': '[[ a == a ]]',
  '((': '((1 == 1))',
  'for ((': 'for ((kscan_i = 0; kscan_i < 1; kscan_i++)); do :; done',
  '<<<': '[ "$(cat <<<a)" = a ]',
  '<( )': ': <(:)',
  'a=( )': 'kscan_a=(a); [ "${kscan_a[0]}" = a ]',
  '+=': 'kscan_a=a; kscan_a+=b; [ "$kscan_a" = ab ]',
  '{a,b}': 'set -- {a,b}; [ $# = 2 ]',
  '&>': '[ -z "$(echo a &>/dev/null; wait)" ]',
  '|&': ': |& :',
  function: 'function kscan_f { :; }; kscan_f',
  select: 'select kscan_a in; do :; done </dev/null',
  coproc: 'coproc :; wait',
  time: 'time :',
  "$'a'": "[ $'a' = a ]",
  '${a/b}': 'kscan_a=ab; [ "${kscan_a/b/c}" = ac ]',
  '${a:1}': 'kscan_a=ab; [ "${kscan_a:1:1}" = b ]',
  '${a^^}': 'kscan_a=a; [ "${kscan_a^^}" = A ]',
  '${!a}': 'kscan_a=kscan_b; kscan_b=c; [ "${!kscan_a}" = c ]',
  '[ a == b ]': '[ a == a ]',
  'set -o pipefail': 'set -o pipefail',
  'read -d': 'printf ab | { read -d b kscan_a; [ "$kscan_a" = a ]; }',
  'read -a': 'echo a b | { read -a kscan_a; [ "${kscan_a[1]}" = b ]; }',
  'read -n': 'printf ab | { read -n 1 kscan_a; [ "$kscan_a" = a ]; }',
  'printf -v': 'printf -v kscan_a b; [ "$kscan_a" = b ]',
  '[ -v a ]': 'kscan_a=b; [ -v kscan_a ]',
  'a++': 'kscan_a=1; [ "$((kscan_a++))" = 1 ]',
  '2**3': '[ "$((2**3))" = 8 ]',
  $EUID: '[ -n "$EUID" ]'
} as const

export type Feature = keyof typeof FEATURES

const BY_TYPE: Readonly<Record<string, Feature>> = {
  TestCommand: '[[',
  ArithmeticCommand: '((',
  ArithmeticFor: 'for ((',
  HereString: '<<<',
  ProcessSubstitution: '<( )',
  ArrayValue: 'a=( )',
  BraceExpansion: '{a,b}',
  Select: 'select',
  Coproc: 'coproc',
  AnsiCQuoted: "$'a'",
  Replace: '${a/b}',
  Slice: '${a:1}',
  CaseModification: '${a^^}'
}

/** The feature that one node of a script needs, if any. */
export const featureOf = (node: SyntaxNode): Feature | undefined => BY_TYPE[node.type] ?? ofSigns(node) ?? ofWords(node)

const ofSigns = (node: SyntaxNode): Feature | undefined => {
  if (node.type === 'Redirect') return node.operator.startsWith('&') ? '&>' : undefined
  if (node.type === 'Pipeline') return ofPipeline(node)
  if (node.type === 'Assignment') return node.append === true ? '+=' : undefined
  if (node.type === 'ArithmeticUnary') return /^(?:\+\+|--)$/.test(node.operator) ? 'a++' : undefined
  return node.type === 'ArithmeticBinary' && node.operator === '**' ? '2**3' : undefined
}

const ofPipeline = ({ operators, prefixes }: Pipeline): Feature | undefined => {
  if (operators.includes('|&')) return '|&'
  return prefixes.some(({ type }) => type === 'Time') ? 'time' : undefined
}

const ofWords = (node: SyntaxNode): Feature | undefined => {
  if (node.type === 'Command') return ofCommand(node)
  if (node.type === 'Function') return node.name.pos > node.pos ? 'function' : undefined
  if (node.type === 'ParameterExpansion' && node.prefix === '!') return '${!a}'
  return (node.type === 'SimpleExpansion' || node.type === 'ParameterExpansion') && /^\$\{?E?UID\b/.test(node.text) ? '$EUID' : undefined
}

/** By a builtin's name: a word of its operands, and the feature. */
const OF_BUILTINS: Readonly<Record<string, readonly (readonly [RegExp, Feature])[]>> = {
  '[': [
    [/^==$/, '[ a == b ]'],
    [/^-v$/, '[ -v a ]']
  ],
  printf: [[/^-v$/, 'printf -v']],
  read: [
    [/^-[a-z]*d/, 'read -d'],
    [/^-[a-z]*a/, 'read -a'],
    [/^-[a-z]*[nN]/, 'read -n']
  ],
  set: [[/^pipefail$/, 'set -o pipefail']]
}

const ofCommand = ({ name, args }: Command): Feature | undefined => {
  const tool = name?.value === 'test' ? '[' : (name?.value ?? '')
  const words = args.map((arg) => (arg.type === 'Word' ? arg.value : ''))
  const found = Object.hasOwn(OF_BUILTINS, tool) ? OF_BUILTINS[tool] : undefined
  return found?.find(([pattern]) => words.some((word) => pattern.test(word)))?.[1]
}
