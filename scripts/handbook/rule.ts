/** One rule of a handbook: its texts, and the Ruby that checks it. */
export interface Rule {
  readonly title: string
  readonly why: string
  /** The command line of the check text. */
  readonly check: string
  /** What is a finding, as the end of "If …, this is a finding." */
  readonly finding: string
  readonly fix: string
  readonly body: string
}

/** Makes the nth rule of its kind; the subjects differ for as long as there are new ones. */
export type Maker = (n: number) => Rule

export const pick = <const List extends readonly [unknown, ...unknown[]]>(list: List, n: number): List[number] => list[n % list.length] ?? list[0]

/** Lines of Ruby, so that the text of a rule reads as what it becomes. */
export const ruby = (...lines: readonly string[]): string => lines.join('\n')
