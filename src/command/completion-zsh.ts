import { type Completed, phraseOf } from './completed.ts'
import type { Flag } from './flags.ts'

/** To be kept as `_kscan` in a folder of $fpath, or sourced after compinit. */
export const zshCompletion = (commands: readonly Completed[]): string => `#compdef kscan
# zsh completion of kscan; made by: kscan completion zsh

_kscan_words_or_files() {
  local words=("$@")
  _alternative 'words:word:compadd -a words' 'files:file:_files'
}

_kscan() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C '(- *)--version[Print the version.]' '(- *)'{-h,--help}'[Print this help.]' '1: :->command' '*:: :->rest'
  case $state in
    command)
      local -a commands=(
${commands.map(({ name, summary }) => `        ${quoted(`${name}:${summary}`)}`).join('\n')}
      )
      _describe -t commands command commands ;;
    rest)
      case $words[1] in
${commands.map(caseOf).join('\n')}
      esac ;;
  esac
}

if [[ $funcstack[1] == _kscan ]]; then _kscan "$@"; else compdef _kscan kscan; fi
`

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const caseOf = ({ name, flags, takes }: Completed): string => {
  const specs = [...flags.map(specOf), ...restOf(takes)]
  return `        ${name})
          _arguments -s \\
${specs.map((spec) => `            ${spec}`).join(' \\\n')} ;;`
}

const specOf = (flag: Flag): string => {
  const names =
    flag.short === undefined ? `--${flag.name}${equals(flag)}` : `{-${flag.short}${flag.value === undefined ? '' : '+'},--${flag.name}${equals(flag)}}`
  const others = flag.short === undefined ? '' : `(-${flag.short} --${flag.name})`
  const text = `[${escaped(phraseOf(flag))}]${valueOf(flag)}`
  const before = flag.several ? '*' : others
  return flag.short === undefined ? quoted(`${before}${names}${text}`) : `${before === '' ? '' : quoted(before)}${names}${quoted(text)}`
}

const equals = ({ value }: Flag): string => (value === undefined ? '' : '=')

const escaped = (text: string): string => text.replace(/[\\[\]:]/g, '\\$&')

const valueOf = ({ value, words, several, path }: Flag): string => {
  if (value === undefined) return ''
  const folder = path === 'folder' && !several
  if (words.length > 0 && path !== undefined) return `:${value}: _kscan_words_or_files ${words.join(' ')}`
  if (path !== undefined) return `:${path}:_files${folder ? ' -/' : ''}`
  if (words.length === 0) return `:${value}: `
  return several ? `:${value}:_values -s , ${value} ${words.join(' ')}` : `:${value}:(${words.join(' ')})`
}

const restOf = (takes: Completed['takes']): string[] => {
  if (takes === 'nothing') return []
  return takes === 'files' ? ["'*:file:_files'"] : [quoted(`1:word:(${takes.join(' ')})`)]
}
