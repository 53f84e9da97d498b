import type { Mark, Tone } from '../kernel/tone.ts'
import { WORDS } from './ending.ts'

/** Lines that begin a part of what a run prints at its end. */
export const HEADINGS = { violated: 'violated bounds:', worst: 'worst failures:', repeat: 'repeat the first:', unjudged: 'unjudged, and so errors:' } as const

const TITLES: readonly string[] = Object.values(HEADINGS)

const VERDICT_TONES = { passed: 'good', unjudged: 'doubtful' } as const
const toneOf = (kind: string): Tone => (kind === 'passed' || kind === 'unjudged' ? VERDICT_TONES[kind] : 'bad')
const VERDICTS = new Map(Object.entries(WORDS).map(([kind, word]) => [word.toUpperCase(), toneOf(kind)]))

/** How a line begins that says so at once. */
const BEGINNINGS: readonly (readonly [text: string, tone: Tone])[] = [
  ['✓', 'good'],
  ['✗', 'bad'],
  ['violated:', 'bad'],
  ['unjudged:', 'doubtful'],
  ['left over:', 'doubtful']
]

/** What stands out in a line of what a command prints: the verdict, what passed and failed, headings. Where it is in the line tells it, so that text from outside gets a colour at the most. */
export const marksOf = (line: string): Mark[] => {
  if (TITLES.includes(line)) return [{ tone: 'heading', text: line }]
  const counts = /(?:^ {2}|: )(\d+ passed), (\d+ failed), (\d+ error), \d+ not reviewed/.exec(line)
  if (counts !== null) return countMarks(counts)
  const [word = ''] = line.split(':', 1)
  const verdict = VERDICTS.get(word)
  if (verdict !== undefined) return [{ tone: verdict, text: word }]
  return BEGINNINGS.filter(([text]) => line.startsWith(text)).map(([text, tone]) => ({ tone, text }))
}

/** None is worth no colour. */
const countMarks = ([, passed = '', failed = '', error = '']: RegExpExecArray): Mark[] => {
  const marks: Mark[] = [
    { tone: 'good', text: passed },
    { tone: 'bad', text: failed },
    { tone: 'doubtful', text: error }
  ]
  return marks.filter(({ text }) => !text.startsWith('0 '))
}
