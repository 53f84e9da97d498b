/** The commands of the program that read inputs. */
export type Verb = 'scan' | 'plan' | 'doctor' | 'judge' | 'report' | 'cleanup' | 'vendor' | 'profiles'

export type InputType =
  /** One line. */
  | { readonly kind: 'text' }
  | { readonly kind: 'yaml' }
  /** `of`: the words that it may hold; with `open` also others, as paths. */
  | { readonly kind: 'list'; readonly of?: readonly string[]; readonly open?: true }
  | { readonly kind: 'choice'; readonly of: readonly string[] }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'count'; readonly least: number; readonly most: number }
  /** Milliseconds, written like `30s`, `5m`, `1h`. */
  | { readonly kind: 'duration'; readonly least: number; readonly most: number }

/** What inputs are about, in the order in which people are told of them. */
export const GROUPS = ['cluster', 'target', 'scan', 'access', 'verdict', 'auditor', 'reports', 'general'] as const
export type Group = (typeof GROUPS)[number]

/** One input: the same in action.yml, as a flag, in the environment as KSCAN_NAME, and in a config file. */
export interface Input {
  readonly name: string
  readonly group: Group
  readonly type: InputType
  /** As a user would write it; empty: none. */
  readonly default: string
  readonly text: string
  /** May hold a secret: never shown. */
  readonly secret?: true
  /** The flag's letter, as kubectl has it. */
  readonly short?: 'n' | 'l' | 'c'
  /** It names what lies on this machine: in a config file relative to that file, and completed by a shell. Words of its type's `of` and addresses are none. */
  readonly path?: 'file' | 'folder'
  /** Why it is refused in a config file, and what to do instead; one sentence each. */
  readonly notInFile?: string
  readonly verbs: readonly Verb[]
}
