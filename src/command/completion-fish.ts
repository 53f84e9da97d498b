import { type Completed, phraseOf } from './completed.ts'
import type { Flag } from './flags.ts'

/** To be kept in ~/.config/fish/completions, or sourced. */
export const fishCompletion = (commands: readonly Completed[]): string =>
  [
    '# fish completion of kscan; made by: kscan completion fish',
    '',
    'complete -c kscan -e',
    'complete -c kscan -f',
    `complete -c kscan -n __fish_use_subcommand -l version -d ${quoted('Print the version.')}`,
    `complete -c kscan -n __fish_use_subcommand -s h -l help -d ${quoted('Print this help.')}`,
    ...commands.map(({ name, summary }) => `complete -c kscan -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`),
    ...commands.flatMap(linesOf),
    ''
  ].join('\n')

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`

const linesOf = ({ name, flags, takes }: Completed): string[] => {
  const begun = `complete -c kscan -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`
  return [...flags.map((flag) => `${begun} ${flagOf(flag)}`), ...restOf(takes).map((rest) => `${begun} ${rest}`)]
}

const restOf = (takes: Completed['takes']): string[] => {
  if (takes === 'nothing') return []
  return [takes === 'files' ? '-F' : `-a ${quoted(takes.join(' '))}`]
}

const flagOf = (flag: Flag): string => {
  const letter = flag.short === undefined ? '' : `-s ${flag.short} `
  return `${letter}-l ${flag.name} ${valueOf(flag)}-d ${quoted(phraseOf(flag))}`
}

const valueOf = ({ value, words, several, path }: Flag): string => {
  if (value === undefined) return ''
  if (path === 'folder' && !several) return `-x -a '(__fish_complete_directories)' `
  if (path !== undefined) return `-r -F ${words.length === 0 ? '' : `-a ${quoted(words.join(' '))} `}`
  if (words.length === 0) return '-x '
  return `-x -a ${quoted(several ? `(__fish_append , ${words.join(' ')})` : words.join(' '))} `
}
