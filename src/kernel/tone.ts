/** What a piece of text says; how that looks is a terminal's business. */
export type Tone = 'good' | 'bad' | 'doubtful' | 'heading'

/** A piece of a line that stands out. */
export interface Mark {
  readonly tone: Tone
  readonly text: string
}
