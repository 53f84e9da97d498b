import type { Command, SyntaxNode } from 'unbash'

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
  "$'a'": "[ $'a' = a ]",
  '${a/b}': 'kscan_a=ab; [ "${kscan_a/b/c}" = ac ]',
  '${a:1}': 'kscan_a=ab; [ "${kscan_a:1:1}" = b ]',
  '${a^^}': 'kscan_a=a; [ "${kscan_a^^}" = A ]',
  '${!a}': 'kscan_a=kscan_b; kscan_b=c; [ "${!kscan_a}" = c ]',
  '[ a == b ]': '[ a == a ]',
  'set -o pipefail': 'set -o pipefail'
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
export const featureOf = (node: SyntaxNode): Feature | undefined => {
  if (node.type === 'Redirect') return node.operator.startsWith('&') ? '&>' : undefined
  if (node.type === 'Pipeline') return node.operators.includes('|&') ? '|&' : undefined
  if (node.type === 'Function') return node.name.pos > node.pos ? 'function' : undefined
  if (node.type === 'Assignment') return node.append === true ? '+=' : undefined
  if (node.type === 'ParameterExpansion' && node.prefix === '!') return '${!a}'
  return node.type === 'Command' ? ofCommand(node) : BY_TYPE[node.type]
}

const ofCommand = ({ name, args }: Command): Feature | undefined => {
  const words = new Set(args.map((arg) => (arg.type === 'Word' ? arg.value : '')))
  if (name?.value === '[' || name?.value === 'test') return words.has('==') ? '[ a == b ]' : undefined
  return name?.value === 'set' && words.has('pipefail') ? 'set -o pipefail' : undefined
}
