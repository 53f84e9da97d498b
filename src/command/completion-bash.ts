import type { Completed } from './completed.ts'
import type { Flag } from './flags.ts'

/** Works with bash 3.2 and later, with or without the package bash-completion. */
export const bashCompletion = (commands: readonly Completed[]): string => `# bash completion of kscan; made by: kscan completion bash

# What begins as the word at the cursor does, of the words in $1; after a comma too where $2 says so.
_kscan_words() {
  local before='' word
  [[ -n $2 && $_kscan_cur == *,* ]] && before=\${_kscan_cur%,*},
  while IFS= read -r word; do COMPREPLY+=("$_kscan_flag$before$word"); done < <(compgen -W "$1" -- "\${_kscan_cur#"$before"}")
}

_kscan_files() { # -f: files and folders, -d: folders
  local word
  compopt -o filenames 2>/dev/null
  while IFS= read -r word; do COMPREPLY+=("$_kscan_flag$word"); done < <(compgen "$1" -- "$_kscan_cur")
}

_kscan() {
  local _kscan_cur=\${COMP_WORDS[COMP_CWORD]} _kscan_flag='' flag=\${COMP_WORDS[COMP_CWORD-1]} verb='' at
  COMPREPLY=()
  # --flag=value comes in three words, unless COMP_WORDBREAKS has no =
  if [[ $_kscan_cur == = ]]; then _kscan_cur=''
  elif [[ $flag == = ]]; then flag=\${COMP_WORDS[COMP_CWORD-2]}
  elif [[ $_kscan_cur == --*=* ]]; then flag=\${_kscan_cur%%=*} _kscan_flag=\${_kscan_cur%%=*}= _kscan_cur=\${_kscan_cur#*=}
  fi
  for ((at = 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in
      ${commands.map(({ name }) => name).join('|')}) verb=\${COMP_WORDS[at]}; break ;;
    esac
  done
  case $verb in
    '') _kscan_words '${commands.map(({ name }) => name).join(' ')} --help --version' ;;
${commands.map(caseOf).join('\n')}
  esac
}

complete -F _kscan kscan
`

const caseOf = ({ name, flags, takes }: Completed): string => {
  const takers = Object.entries(
    Object.groupBy(
      flags.filter(({ value }) => value !== undefined),
      valueOf
    )
  )
  const values = takers.map(([steps, same = []]) => `        ${same.flatMap(spellings).join('|')}) ${steps} ;;`)
  return `    ${name})
      case $flag in
${[...values, `        *) ${restOf({ flags, takes })} ;;`].join('\n')}
      esac ;;`
}

const spellings = ({ name, short }: Flag): string[] => [`--${name}`, ...(short === undefined ? [] : [`-${short}`])]

const valueOf = ({ words, several, path }: Flag): string => {
  const steps = [
    ...(words.length === 0 ? [] : [`_kscan_words '${words.join(' ')}'${several ? ' list' : ''}`]),
    ...(path === undefined ? [] : [`_kscan_files ${path === 'file' || several ? '-f' : '-d'}`])
  ]
  return steps.length === 0 ? ':' : steps.join('; ')
}

const restOf = ({ flags, takes }: Pick<Completed, 'flags' | 'takes'>): string => {
  const names = `_kscan_words '${flags.map(({ name }) => `--${name}`).join(' ')}'`
  if (takes === 'nothing') return names
  return `if [[ $_kscan_cur == -* ]]; then ${names}; else ${takes === 'files' ? '_kscan_files -f' : `_kscan_words '${takes.join(' ')}'`}; fi`
}
