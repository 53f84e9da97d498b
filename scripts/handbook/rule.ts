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

/** The nth subject; after the last comes the first again. `list` must not be empty. */
export const pick = <Subject>(list: readonly Subject[], n: number): Subject => {
  const subject = list[n % list.length]
  if (subject === undefined) throw new RangeError('no subjects')
  return subject
}

/** The words of a text: a short way to write many subjects. */
export const words = (text: string): readonly string[] => text.trim().split(/\s+/)

/** As `words`, each of the form name=value. */
export const settings = (text: string): readonly { readonly name: string; readonly value: string }[] =>
  words(text).map((word) => ({ name: word.slice(0, word.indexOf('=')), value: word.slice(word.indexOf('=') + 1) }))

/** Lines of Ruby, so that the text of a rule reads as what it becomes. */
export const ruby = (...lines: readonly string[]): string => lines.join('\n')
