import { completed, type SHELLS } from './completed.ts'
import { bashCompletion } from './completion-bash.ts'
import { fishCompletion } from './completion-fish.ts'
import { zshCompletion } from './completion-zsh.ts'

/** The script with which a shell completes the command line, made from the commands and their flags. */
export const completionOf = (shell: (typeof SHELLS)[number]): string => {
  switch (shell) {
    case 'bash':
      return bashCompletion(completed())
    case 'zsh':
      return zshCompletion(completed())
    case 'fish':
      return fishCompletion(completed())
  }
}
