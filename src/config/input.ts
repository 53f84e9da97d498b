/** The commands of the program that read inputs. */
export type Verb = 'scan' | 'plan' | 'doctor' | 'judge' | 'report' | 'cleanup'

export type InputType =
  /** One line. */
  | { readonly kind: 'text' }
  | { readonly kind: 'yaml' }
  | { readonly kind: 'list' }
  | { readonly kind: 'choice'; readonly of: readonly string[] }
  | { readonly kind: 'boolean' }
  | { readonly kind: 'count'; readonly least: number; readonly most: number }
  /** Milliseconds, written like `30s`, `5m`, `1h`. */
  | { readonly kind: 'duration'; readonly least: number; readonly most: number }

/** One input: the same in action.yml, as a flag, and in the environment as KSCAN_NAME. */
export interface Input {
  readonly name: string
  readonly group: 'cluster' | 'target' | 'scan' | 'access' | 'verdict' | 'auditor' | 'reports'
  readonly type: InputType
  /** As a user would write it; empty: none. */
  readonly default: string
  readonly text: string
  /** May hold a secret: never shown. */
  readonly secret?: true
  readonly verbs: readonly Verb[]
}
